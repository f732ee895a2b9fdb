import { UnrecoverableError, type Job as Queued } from 'bullmq';
import type { Services } from '#app/lifecycle.ts';
import type { Failure } from '../failure.ts';
import { attemptJob } from './attempt.ts';
import type { Completions } from './completions.ts';
import type { AnyJob } from './define-job.ts';
import type { QueuedJob } from './job-queue.ts';
import { claimJob, markFailed, type Claim } from './job-rows.ts';
import { pauseBefore } from './pause.ts';

/** Milliseconds until a job is taken up again that this process could not begin or write down. */
const troublePause = 5000;
/** What holds for a job that this version does not know. */
const unknown = { attempts: 8, backoff: 10 };

export interface WorkerDeps {
  readonly services: Services;
  readonly jobs: readonly AnyJob[];
  readonly completions: Completions;
  readonly stopping: AbortSignal;
}

/** What Redis is told of a job that is to be handed out again. */
export class Later extends Error {
  override readonly name = 'Later';
  /** Milliseconds until then. */
  readonly pause: number;

  constructor(pause: number) {
    super('It is due again later.');
    this.pause = Math.ceil(pause);
  }
}

/**
 * Does a job that Redis has handed out, and writes down what becomes of it.
 *
 * @throws Later where it is due again; UnrecoverableError where it is given up
 */
export async function doJob(deps: WorkerDeps, queued: Queued<QueuedJob>): Promise<void> {
  try {
    await doClaimed(deps, queued);
  } catch (error) {
    if (error instanceof Later || error instanceof UnrecoverableError) throw error;
    // Such an error may quote what was bound, and Redis keeps its message.
    const about = { job: queued.name, jobKey: queued.id };
    deps.services.log.warn({ err: error, ...about }, 'a job could not be begun or written down');
    throw new Later(troublePause);
  }
}

async function doClaimed(deps: WorkerDeps, queued: Queued<QueuedJob>): Promise<void> {
  const { services, jobs, completions, stopping } = deps;
  const claim = await claimOf(services, queued);
  if (claim === undefined) return;

  const job = jobs.find(({ name }) => name === claim.name);
  // Attempts that ended their process were never counted in the row.
  const before = claim.attempts + queued.stalledCounter;
  const attempt = before + 1;
  const { attempts, backoff } = job ?? unknown;
  const retryIn = attempt >= attempts ? undefined : pauseBefore(backoff, attempt);
  if (before >= attempts) {
    const reason = 'No attempt came to its end';
    return fail(services, claim, { reason, attempt: before, retryIn: undefined });
  }
  if (job === undefined) {
    // A newer version may have enqueued it, in the middle of a deployment.
    return fail(services, claim, { reason: 'This version knows no such job', attempt, retryIn });
  }
  const started = performance.now();
  const outcome = await attemptJob(services, { job, claim, attempt }, stopping);
  if (outcome === 'given back') throw new Later(0);
  if (outcome !== undefined) {
    const { failure, permanent } = outcome;
    return fail(services, claim, { ...failure, attempt, retryIn: permanent ? undefined : retryIn });
  }
  await completions.add(claim.id);
  const durationMs = Math.round(performance.now() - started);
  // Its row says so as well, for a week.
  services.log.debug({ job: job.name, jobKey: claim.id, attempt, durationMs }, 'a job is done');
}

/**
 * What Redis hands out for the first time is as it was enqueued. What was begun before, or handed to
 * Redis again, may be over, as may all that a Redis has kept over its own end and what belongs to an
 * account: its row says so.
 */
async function claimOf(
  { database, jobQueue }: Services,
  { id = '', name, data, attemptsStarted }: Queued<QueuedJob>,
): Promise<Claim | undefined> {
  const { payload, run } = data;
  const isFirst = attemptsStarted <= 1 && run === jobQueue.run;
  if (payload === undefined || !isFirst) return claimJob(database, id);
  return { id, name, accountId: null, payload: Buffer.from(payload, 'base64'), attempts: 0 };
}

/** @param failure.retryIn seconds until the next attempt; nothing where there is none */
async function fail(
  { database, log }: Services,
  claim: Claim,
  failure: Failure & { readonly attempt: number; readonly retryIn: number | undefined },
): Promise<never> {
  const { attempt, retryIn, ...why } = failure;
  const about = { job: claim.name, jobKey: claim.id, attempt, ...why };
  const attempts = retryIn === undefined ? attempt : claim.attempts + 1;
  if (!(await markFailed(database, claim, { ...why, attempts, retryIn }))) {
    log.warn(about, 'a job failed here that another process had taken over');
    throw new Later(troublePause);
  }
  if (retryIn === undefined) {
    log.error(about, 'a job was given up');
    throw new UnrecoverableError('It was given up.');
  }
  log.warn({ ...about, retryIn: Math.round(retryIn) }, 'a job failed');
  throw new Later(retryIn * 1000);
}
