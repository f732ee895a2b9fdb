import { lt } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { AppError } from '#app/errors.ts';
import type { HandlerReply } from '#app/http/hook.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '../loop.ts';
import type { Sealing } from '../sealing.ts';
import { giveAgain, sealRefusal, sealReply } from './answers.ts';
import { claimKey, keepAnswer, releaseKey, type Claim } from './claims.ts';
import { idempotencyKeys } from './models.ts';

/** Seconds: longer than whoever asked waits, and than most handlers that go on after that. */
const leaseSeconds = 60;
const prunePause = 3_600_000;
const batch = 1000;

/** What makes two requests the same. */
export interface Asked {
  /** Whose key it is, for what, and the key. */
  readonly scope: readonly string[];
  /** What a request with the same key has to be like. */
  readonly request: readonly unknown[];
}

export interface Idempotency {
  /**
   * Handles a request once, however often it is sent. What `handle` does and the answer that is kept
   * stand or fall together: they are one transaction, which is run again after a deadlock.
   *
   * A refusal is kept too, as Stripe does: the client may take it for final. What it did before is
   * undone. Nothing is kept of what may come out otherwise the next time: a fault of ours, or what
   * says itself when to try again.
   *
   * @throws idempotency_key_reused, idempotency_key_in_flight
   */
  once(asked: Asked, handle: () => Promise<HandlerReply>): Promise<HandlerReply>;
  close(): Promise<void>;
}

/** @param options.lease for tests: seconds after which a request counts as lost */
export async function openIdempotency(
  deps: { database: Database; sealing: Sealing; log: Log },
  { lease = leaseSeconds }: { lease?: number } = {},
): Promise<Idempotency> {
  const { database, sealing, log } = deps;
  const pruning = startLoop({ name: 'idempotency pruning', pause: prunePause, log }, () =>
    prune(database),
  );

  const fingerprint = (purpose: string, parts: readonly unknown[]): Buffer =>
    sealing.fingerprint(`idempotency ${purpose}`, JSON.stringify(parts));

  async function afterFailure(claim: Claim, error: unknown): Promise<void> {
    try {
      if (isFinal(error))
        await keepAnswer(database, claim, sealRefusal(sealing, claim.scope, error));
      else await releaseKey(database, claim);
    } catch (failure) {
      // The key is free again when the lease is over.
      log.warn({ err: failure }, 'an Idempotency-Key was not released');
    }
  }

  return {
    async once(asked, handle) {
      const scope = fingerprint('scope', asked.scope);
      const request = fingerprint('request', asked.request);
      const claim = await claimKey(database, { scope, request, lease });
      if ('answer' in claim) return giveAgain(sealing, claim);
      try {
        return await database.inOneTransaction(async () => {
          const reply = await handle();
          await keepAnswer(database, claim, sealReply(sealing, scope, reply));
          return reply;
        });
      } catch (error) {
        await afterFailure(claim, error);
        throw error;
      }
    },

    close: () => pruning.close(),
  };
}

function isFinal(error: unknown): error is AppError {
  if (!(error instanceof AppError)) return false;
  const { kind, details } = error;
  return kind.status < 500 && kind.status !== 429 && details.retryAfter === undefined;
}

export async function prune({ queries }: Pick<Database, 'queries'>): Promise<void> {
  let removed = batch;
  while (removed === batch) {
    const [result] = await queries
      .delete(idempotencyKeys)
      .where(lt(idempotencyKeys.expiresAt, now))
      .limit(batch);
    removed = result.affectedRows;
  }
}
