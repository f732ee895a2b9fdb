// What is to be done outside the database is written into it, in the transaction that is its cause,
// and done afterwards: at least once, whatever ends in between, and never without its cause.
import type { Transaction } from '#app/database/transaction.ts';
import { startLoop } from '../loop.ts';
import { deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { enqueue } from './enqueue.ts';
import { prune } from './prune.ts';
import { deliverNext, type WorkerDeps } from './worker.ts';

/** Deliveries that go on at once in this process: one that hangs does not hold up the others. */
const workers = 4;
/** Milliseconds after which a worker looks for what has become due, or what others have left. */
const pollPause = 5000;
/** Milliseconds in which what is being delivered may end when the service stops. */
const stopGrace = 3000;
const prunePause = 3_600_000;

export interface Outbox {
  /**
   * Has this delivered once the transaction is committed.
   *
   * @returns the key that the delivery will have
   */
  enqueue<Payload>(tx: Transaction, delivery: Delivery<Payload>, payload: Payload): Promise<string>;
  close(): Promise<void>;
}

/**
 * Opens the outbox, and delivers what waits in it until it is closed.
 *
 * @param options for tests: what is delivered, and the milliseconds between two looks
 */
export async function openOutbox(
  deps: Omit<WorkerDeps, 'deliveries'>,
  options: { deliveries?: WorkerDeps['deliveries']; pause?: number } = {},
): Promise<Outbox> {
  const { database, sealing, log } = deps;
  const { pause = pollPause } = options;
  const worker = { ...deps, deliveries: options.deliveries ?? Object.values(deliveries) };
  const stopped = new AbortController();

  const loops = Array.from({ length: workers }, () =>
    startLoop({ name: 'outbox', pause, log }, async (closing) => {
      let found = true;
      while (found && !closing.aborted) {
        found = await deliverNext(worker, stopped.signal);
      }
    }),
  );
  const pruning = startLoop({ name: 'outbox pruning', pause: prunePause, log }, () =>
    prune(database),
  );
  const wake = (): void => {
    for (const loop of loops) loop.wake();
  };

  return {
    async enqueue(tx, delivery, payload) {
      const key = await enqueue(sealing, tx, delivery, payload);
      tx.afterCommit(wake);
      return key;
    },

    async close() {
      const timer = setTimeout(() => stopped.abort(), stopGrace);
      await Promise.all([pruning, ...loops].map((loop) => loop.close()));
      clearTimeout(timer);
    },
  };
}
