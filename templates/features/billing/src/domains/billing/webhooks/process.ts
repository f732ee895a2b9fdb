import type { Stripe } from 'stripe';
import type { Transaction } from '#app/database/transaction.ts';
import { backoff } from '#app/platform/backoff.ts';
import type { BillingDeps } from '../service.ts';
import { isLive, withinBudget } from '../stripe.ts';
import {
  claimNext,
  markFailed,
  markIgnored,
  markProcessed,
  maxAttempts,
  type Claim,
} from './claims.ts';
import { HandlerError, type AnyHandler, type HandlerContext } from './handler.ts';
import { ignoredFor } from './ignored.ts';
import { reasonOf } from './reason.ts';

/** Milliseconds for one attempt: less than its lease, or another worker would begin beside it. */
const attemptTimeout = 45_000;

export interface ProcessDeps extends BillingDeps {
  readonly handlers: readonly AnyHandler[];
}

/**
 * Processes the event that is due next.
 *
 * @param stopping ends the attempt; it counts, and is made again later
 * @returns false where nothing is due
 */
export async function processNext(deps: ProcessDeps, stopping: AbortSignal): Promise<boolean> {
  const claim = await claimNext(deps.database);
  if (claim === undefined) return false;
  await processClaim(deps, claim, stopping);
  return true;
}

/**
 * Makes one attempt: what the handler does and that it was done stand or fall together.
 *
 * @param stopping ends the attempt; it counts, and is made again later
 * @throws where the database is away: another attempt is made when the lease is over
 */
export async function processClaim(
  deps: ProcessDeps,
  claim: Claim,
  stopping: AbortSignal,
): Promise<void> {
  const { id: webhookId, eventId, type, attempt } = claim;
  const log = deps.log.child({ webhookId, eventId, type, attempt });
  if (attempt > maxAttempts) {
    log.error('an event was given up: no attempt came to its end');
    return;
  }
  try {
    const work = (tx: Transaction) => processIn(tx, { ...deps, log }, claim);
    const outcome = await withinTime(stopping, (signal) =>
      deps.database.transaction(work, { signal }),
    );
    if (outcome === 'processed') log.info('an event was processed');
    if (outcome === 'lost') log.warn('an event was taken over by another worker meanwhile');
    if (outcome === 'otherMode') log.error('an event of the other mode was ignored');
    if (outcome === 'noHandler')
      log.warn('an event was ignored: this version handles no such type');
  } catch (error) {
    const retryIn = attempt >= maxAttempts ? undefined : backoff(attempt);
    const failure = { ...reasonOf(error), retryIn };
    const held = await markFailed(deps.database, claim, failure);
    if (!held) log.warn(failure, 'an attempt failed that another worker had taken over');
    else if (retryIn !== undefined) log.warn(failure, 'an event failed');
    else log.error(failure, 'an event was given up');
  }
}

type Outcome = 'processed' | 'lost' | keyof typeof ignoredFor;

async function processIn(tx: Transaction, deps: ProcessDeps, claim: Claim): Promise<Outcome> {
  const event = JSON.parse(claim.payload.toString()) as Stripe.Event;
  // An operator may replay what was ignored; but money of the other mode has no effect here.
  if (event.livemode !== isLive(deps.settings)) return ignore(tx, claim, 'otherMode');
  const handler = deps.handlers.find(({ type }) => type === claim.type);
  if (handler === undefined) {
    // A newer version may have stored it, in the middle of a deployment: left to it for some time.
    if (claim.attempt < maxAttempts) throw new HandlerError(ignoredFor.noHandler);
    return ignore(tx, claim, 'noHandler');
  }
  if (!(await markProcessed(tx, claim))) return 'lost';
  await withinBudget(() => handler.handle(event, contextOf(tx, deps)));
  return 'processed';
}

async function ignore(
  tx: Transaction,
  claim: Claim,
  why: keyof typeof ignoredFor,
): Promise<Outcome> {
  return (await markIgnored(tx, claim, ignoredFor[why])) ? why : 'lost';
}

function contextOf(tx: Transaction, { stripe, outbox, log }: ProcessDeps): HandlerContext {
  return {
    tx,
    outbox,
    log,
    // Most tests need no Stripe, and some handlers do not either.
    get stripe() {
      return stripe();
    },
  };
}

async function withinTime<T>(
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ending = new AbortController();
  const stop = (): void => ending.abort(new HandlerError('The service stopped'));
  const giveUp = (): void => ending.abort(new HandlerError('It took too long'));
  const timer = setTimeout(giveUp, attemptTimeout);
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  try {
    return await work(ending.signal);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
  }
}
