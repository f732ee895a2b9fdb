// Every event that Stripe sends is stored before it is answered, and has its effect once, whatever
// comes twice, late or out of order, and whatever ends in between.
//
//   (none) --stored--> processing (lease) --effect and state in one commit--> processed
//     |                  ^   ^      |
//     | no slot is free  |   |      | an error, or the lease is over
//     +--> received -----+   |      v
//             ^              +-- failed (due after a pause)
//             |                     | the attempts are used up, seen at the claim or at the error
//             | an operator's replay v
//             +-------------------- dead --an operator's discard--> ignored
//
// What is received or failed can be discarded as well, and what is processed once its lease is over.
// `ignored` is also what nothing is done about, with the reason: a type without a handler, money of
// the other mode.
// Processed and ignored ones can be replayed as well: effects are made once for what they are for.
import { Stripe } from 'stripe';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { BillingDeps } from '../service.ts';
import type { AnyHandler } from './handler.ts';
import { ignoredFor, reasonToIgnore, type IgnoredFor } from './ignored.ts';
import { processClaim, processNext } from './process.ts';
import { prune } from './prune.ts';
import { readSignedEvent, type SignedEvent } from './signed-event.ts';
import { openSlots } from './slots.ts';
import { storeClaimed, storeIgnored, storeReceived } from './store.ts';

export type Received = 'received' | 'duplicate' | 'ignored';

export interface Inbox {
  /**
   * Takes an event as it came. Resolves when it is stored for good, and usually processed.
   *
   * @throws AppError (400) where nobody whom we know has signed it
   */
  receive(payload: Buffer, signature: string | undefined): Promise<Received>;
  close(): Promise<void>;
}

/** Milliseconds after which a worker looks for what has become due, or what others have left. */
const pollPause = 5000;
/** Milliseconds for which a sender waits for an attempt, which goes on after that. */
const senderPatience = 4000;
/** Milliseconds in which what is being processed may end when the service stops. */
const stopGrace = 3000;
const prunePause = 3_600_000;

/**
 * Opens the inbox, and processes what waits in it until it is closed.
 *
 * @param handlers one for each type of event; about the others nothing is done
 * @param options for tests: the milliseconds between two looks, and those for which a sender waits
 */
export function openInbox(
  deps: BillingDeps,
  handlers: readonly AnyHandler[],
  options: { pause?: number; patience?: number } = {},
): Inbox {
  const { settings, database, log } = deps;
  const { pause = pollPause, patience = senderPatience } = options;
  const processing = { ...deps, handlers };
  const stopped = new AbortController();
  const slots = openSlots(settings.WEBHOOK_INLINE);

  const workers = Array.from({ length: settings.WEBHOOK_WORKERS }, () =>
    startLoop({ name: 'webhooks', pause, log }, async (closing) => {
      let found = true;
      while (found && !closing.aborted) found = await processNext(processing, stopped.signal);
    }),
  );
  const pruning = startLoop({ name: 'webhook pruning', pause: prunePause, log }, () =>
    prune(database),
  );

  async function storeForWorker(event: SignedEvent): Promise<Received> {
    if (!(await storeReceived(database, event))) return 'duplicate';
    for (const worker of workers) worker.wake();
    return 'received';
  }

  /** From here on the event is ours: what becomes of the attempt is nothing for its sender. */
  async function storeAndProcess(event: SignedEvent, giveBack: () => void): Promise<Received> {
    let attempt = Promise.resolve();
    try {
      const claim = await storeClaimed(database, event);
      if (claim === undefined) return 'duplicate';
      attempt = processClaim(processing, claim, stopped.signal).catch((error: unknown) => {
        log.error({ err: error, eventId: event.id }, 'an attempt was not written down');
      });
      await atMost(patience, attempt);
      return 'received';
    } finally {
      void attempt.then(giveBack);
    }
  }

  return {
    async receive(payload, signature) {
      const event = readSignedEvent(settings, payload, signature);
      const reason = reasonToIgnore(event, processing);
      tellOf(event, reason, log);
      if (reason !== undefined) {
        return (await storeIgnored(database, event, reason)) ? 'ignored' : 'duplicate';
      }
      const giveBack = slots.take();
      return giveBack === undefined ? storeForWorker(event) : storeAndProcess(event, giveBack);
    },

    async close() {
      const timer = setTimeout(() => stopped.abort(), stopGrace);
      await Promise.all([slots.idle(), ...[pruning, ...workers].map((loop) => loop.close())]);
      clearTimeout(timer);
    },
  };
}

function tellOf(
  { id: eventId, type, livemode, apiVersion }: SignedEvent,
  reason: IgnoredFor | undefined,
  log: Log,
): void {
  if (reason === ignoredFor.otherMode) {
    // A live endpoint gets test events of connected accounts; anything else is a wrong key or secret.
    log.error({ eventId, type, livemode }, 'an event of the other mode was ignored');
  } else if (reason === undefined && apiVersion !== Stripe.API_VERSION) {
    const about = { eventId, type, apiVersion };
    log.warn(about, 'an event has the shape of another version of the API');
  }
}

async function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, promise]);
  clearTimeout(timer);
}
