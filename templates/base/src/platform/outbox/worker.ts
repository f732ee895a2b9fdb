import { backoff } from '../backoff.ts';
import { failureOf, type Failure } from '../failure.ts';
import { type Sealing, SealingError } from '../sealing.ts';
import { claimNext, markFailed, markSent, maxAttempts, type Claim } from './claims.ts';
import { DeliveryError, type Delivery, type DeliveryServices } from './delivery.ts';
import { openPayload } from './payload.ts';

/** Milliseconds for one attempt: less than its lease, or another worker would begin beside it. */
const attemptTimeout = 45_000;

export interface WorkerDeps extends DeliveryServices {
  readonly sealing: Sealing;
  readonly deliveries: readonly Delivery<unknown>[];
}

/**
 * Delivers what is due next.
 *
 * @param stopping aborts the attempt; it counts, and is made again later
 * @returns false where nothing is due
 */
export async function deliverNext(deps: WorkerDeps, stopping: AbortSignal): Promise<boolean> {
  const { database, log } = deps;
  const claim = await claimNext(database);
  if (claim === undefined) return false;

  const about = { outboxId: claim.id, kind: claim.kind, attempt: claim.attempt };
  if (claim.attempt > maxAttempts) {
    log.error(about, 'a delivery was given up: no attempt came to its end');
    return true;
  }
  const failure = await attempt(deps, claim, stopping);
  const held =
    failure === undefined
      ? await markSent(database, claim)
      : await markFailed(database, claim, failure);

  if (!held) log.warn(about, 'a delivery took longer than its lease, and may be made twice');
  else if (failure === undefined) log.info(about, 'delivered');
  else if (failure.retryIn !== undefined) log.warn({ ...about, ...failure }, 'a delivery failed');
  else log.error({ ...about, ...failure }, 'a delivery was given up');
  return true;
}

interface FailedAttempt extends Failure {
  /** Seconds until the next attempt; nothing where there is none. */
  readonly retryIn: number | undefined;
}

async function attempt(
  deps: WorkerDeps,
  claim: Claim,
  stopping: AbortSignal,
): Promise<FailedAttempt | undefined> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(attemptTimeout)]);
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(new DeliveryError('It took too long'));
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await Promise.race([deliver(deps, claim, signal), aborted.promise]);
    return undefined;
  } catch (error) {
    const permanent = error instanceof DeliveryError && error.permanent;
    const last = permanent || claim.attempt >= maxAttempts;
    return { ...reasonOf(error), retryIn: last ? undefined : backoff(claim.attempt) };
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

async function deliver(deps: WorkerDeps, claim: Claim, signal: AbortSignal): Promise<void> {
  const delivery = deps.deliveries.find(({ kind }) => kind === claim.kind);
  // A newer version may have written it, in the middle of a deployment.
  if (delivery === undefined) throw new DeliveryError('This version delivers no such kind');
  const payload = delivery.payload.parse(openPayload(deps.sealing, claim));
  await delivery.deliver(payload, { key: claim.id, signal, services: deps });
}

/** Any other error may quote the payload. */
function reasonOf(error: unknown): Failure {
  const ours = error instanceof DeliveryError || error instanceof SealingError;
  return ours ? { reason: error.message } : failureOf(error);
}
