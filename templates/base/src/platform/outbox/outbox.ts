// What is to be done outside the database is written into it, in the transaction that is its cause,
// and done afterwards: at least once, whatever ends in between, and never without its cause.
import { sql } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { startLoop } from '../loop.ts';
import { deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { outbox } from './models.ts';
import { sealPayload } from './payload.ts';
import { deliverNext, type WorkerDeps } from './worker.ts';

/** Deliveries that go on at once in this process: one that hangs does not hold up the others. */
const workers = 4;
/** Milliseconds after which a worker looks for what others have left. */
const pollPause = 5000;
/** Milliseconds in which what is being delivered may end when the service stops. */
const stopGrace = 3000;
const pruneDays = 7;
const pruneBatch = 1000;
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

/** Opens the outbox, and delivers what waits in it until it is closed. */
export async function openOutbox(
  deps: Omit<WorkerDeps, 'deliveries'> & Partial<Pick<WorkerDeps, 'deliveries'>>,
): Promise<Outbox> {
  const { database, sealing, log } = deps;
  const stopped = new AbortController();

  const loops = Array.from({ length: workers }, () =>
    startLoop({ name: 'outbox', pause: pollPause, log }, async (closing) => {
      let found = true;
      while (found && !closing.aborted) {
        found = await deliverNext({ deliveries, ...deps }, stopped.signal);
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
      const row = { id: newId(), kind: delivery.kind };
      const sealed = sealPayload(sealing, row, delivery.payload.parse(payload));
      await tx
        .insert(outbox)
        .values({ ...row, payload: sealed, availableAt: sql`UTC_TIMESTAMP(3)` });
      tx.afterCommit(wake);
      return row.id;
    },

    async close() {
      const timer = setTimeout(() => stopped.abort(), stopGrace);
      await Promise.all([pruning, ...loops].map((loop) => loop.close()));
      clearTimeout(timer);
    },
  };
}

/** Removes what was delivered long ago, a batch at a time so that nothing is locked for long. */
async function prune(database: Database): Promise<void> {
  const old = sql`${outbox.sentAt} < UTC_TIMESTAMP(3) - INTERVAL ${pruneDays} DAY`;
  let removed = pruneBatch;
  while (removed === pruneBatch) {
    const [result] = await database.queries.delete(outbox).where(old).limit(pruneBatch);
    removed = result.affectedRows;
  }
}
