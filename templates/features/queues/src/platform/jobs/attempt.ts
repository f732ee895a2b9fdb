import { accountScope } from '#app/database/account-scope.ts';
import type { Services } from '#app/lifecycle.ts';
import { failureOf, type Failure } from '../failure.ts';
import { SealingError } from '../sealing.ts';
import { JobError, type AccountJobContext, type AnyJob, type JobContext } from './define-job.ts';
import type { Claim } from './job-rows.ts';
import { once } from './once.ts';
import { openJob } from './seal-job.ts';

/** What became of an attempt that did not do the job. */
export type Outcome =
  | 'given back'
  | {
      readonly failure: Failure;
      /** Whether another attempt would fail as well. */
      readonly permanent: boolean;
    };

/**
 * Does a job once.
 *
 * @param attempt which, from 1
 * @param stopping ends it: the job is then given back
 * @returns nothing where it is done
 */
export async function attemptJob(
  services: Services,
  { job, claim, attempt }: { job: AnyJob; claim: Claim; attempt: number },
  stopping: AbortSignal,
): Promise<Outcome | undefined> {
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    ended.reject(reason);
    ending.abort(reason);
  };
  const stop = (): void => end(stopping.reason);
  const timer = setTimeout(() => end(new JobError('It took too long')), job.timeout * 1000);
  stopping.addEventListener('abort', stop, { once: true });
  if (stopping.aborted) stop();
  try {
    const doing = handle(services, job, claim, { attempt, signal: ending.signal });
    await Promise.race([doing, ended.promise]);
    return undefined;
  } catch (error) {
    return error === stopping.reason ? 'given back' : failed(error);
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
  }
}

async function handle(
  services: Services,
  job: AnyJob,
  claim: Claim,
  { attempt, signal }: { attempt: number; signal: AbortSignal },
): Promise<void> {
  // With one of another owner its row or Redis was changed, or the code was.
  if ((job.belongsTo === 'account') !== (claim.accountId !== null)) {
    throw new JobError('It belongs to somebody else', { permanent: true });
  }
  const payload = job.payload.parse(openJob(services.sealing, claim));
  const { id: key, name, accountId } = claim;
  const common = {
    key,
    attempt,
    signal,
    get log() {
      return services.log.child({ job: name, jobKey: key });
    },
  };
  if (job.belongsTo === 'nobody') {
    await job.handle(payload, Object.assign(common, { services }) satisfies JobContext);
    return;
  }
  await job.handle(payload, Object.assign(common, ofAccount(services, key, accountId ?? '')));
}

function ofAccount(
  services: Services,
  key: string,
  accountId: string,
): Omit<AccountJobContext, 'key' | 'attempt' | 'signal' | 'log'> {
  const { database, ...others } = services;
  return {
    account: database.withAccount(accountId),
    services: others,
    once: (work, effect) =>
      database.transaction(async (tx) => {
        if (!(await once(tx, key, effect))) return undefined;
        return work({
          account: accountScope({ queries: tx, transaction: (inner) => inner(tx) }, accountId),
          enqueue: (delivery, payload) => others.outbox.enqueue(tx, delivery, payload),
        });
      }),
  };
}

/** Any other error may quote the payload. */
function failed(error: unknown): Outcome {
  const ours = error instanceof JobError || error instanceof SealingError;
  const permanent = error instanceof JobError && error.permanent;
  return { failure: ours ? { reason: error.message } : failureOf(error), permanent };
}
