// A job is one value: its name, what it is given, how often and for how long it is tried, and what it
// does. Those that there are stand in list.ts.
import type { z } from 'zod';
import type { AccountScope } from '#app/database/account-scope.ts';
import type { Services } from '#app/lifecycle.ts';
import type { Log } from '#app/log.ts';
import type { Delivery } from '../outbox/delivery.ts';
import { nextTime, type Schedule } from './next-time.ts';

interface Options<Payload> {
  /** Stable: jobs that wait are found by it. Lower case letters, digits and hyphens, at most 50. */
  readonly name: string;
  readonly payload: z.ZodType<Payload>;
  /**
   * Attempts after which it is given up; 8 where nothing is said. One that ends its process counts
   * too: with 1, what may have been done in part is not done again by itself, unless Redis forgets
   * meanwhile that it was begun.
   */
  readonly attempts?: number;
  /** Seconds before the second attempt, 10 where nothing is said; four times as many each time. */
  readonly backoff?: number;
  /** Seconds that an attempt may take; 60 where nothing is said. */
  readonly timeout?: number;
}

interface JobOptions<Payload> extends Options<Payload> {
  /** When it is done without being asked for, and what it is given then. */
  readonly schedule?: Schedule & { readonly payload: NoInfer<Payload> };
  /**
   * Does it. It may be done again although it was done before, if the process, the database or Redis
   * ends before that is written down: see `once`.
   *
   * @throws JobError; anything else that is thrown counts as a failed attempt too
   */
  handle(payload: Payload, context: JobContext): Promise<void>;
}

interface AccountJobOptions<Payload> extends Options<Payload> {
  /** The same, for what belongs to one account: it reaches that account's rows and no other's. */
  handle(payload: Payload, context: AccountJobContext): Promise<void>;
}

interface Attempt {
  /** The same for every attempt at this job, and for nothing else: the key in the outbox. */
  readonly key: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** Aborted when the attempt has to end: its time is over, or the process stops. */
  readonly signal: AbortSignal;
  /** Its lines carry the job's name and key. */
  readonly log: Log;
}

export interface JobContext extends Attempt {
  readonly services: Services;
}

export interface AccountJobContext extends Attempt {
  /** The rows of the account that the job belongs to. */
  readonly account: AccountScope;
  /** All but the database, which knows other accounts. */
  readonly services: Omit<Services, 'database'>;
  /**
   * Runs this in a transaction, and commits with it that this was done: nothing happens where it
   * already is.
   *
   * @param effect tells several such effects of one job apart
   * @returns what `work` returns; nothing where it was done before
   */
  readonly once: <T>(
    work: (effects: AccountEffects) => Promise<T>,
    effect?: string,
  ) => Promise<T | undefined>;
}

export interface AccountEffects {
  readonly account: AccountScope;
  /** Has this delivered when the transaction is committed: `enqueue(mailDelivery, mail)`. */
  readonly enqueue: <Payload>(delivery: Delivery<Payload>, payload: Payload) => Promise<string>;
}

export interface Job<Payload> extends Required<Options<Payload>> {
  readonly belongsTo: 'nobody';
  readonly schedule: (Schedule & { readonly payload: Payload }) | undefined;
  handle(payload: Payload, context: JobContext): Promise<void>;
}

export interface AccountJob<Payload> extends Required<Options<Payload>> {
  readonly belongsTo: 'account';
  readonly schedule: undefined;
  handle(payload: Payload, context: AccountJobContext): Promise<void>;
}

export type AnyJob = Job<unknown> | AccountJob<unknown>;

const defaults = { attempts: 8, backoff: 10, timeout: 60 };

/**
 * Declares a job that belongs to no account.
 *
 * @throws RangeError where its name, a number or its schedule cannot be
 */
export function defineJob<Payload>(options: JobOptions<Payload>): Job<Payload> {
  const job = { ...defaults, schedule: undefined, ...options, belongsTo: 'nobody' as const };
  requireSense(job);
  return job;
}

/**
 * Declares a job that belongs to an account.
 *
 * @throws RangeError where its name or a number cannot be
 */
export function defineAccountJob<Payload>(
  options: AccountJobOptions<Payload>,
): AccountJob<Payload> {
  const job = { ...defaults, schedule: undefined, ...options, belongsTo: 'account' as const };
  requireSense(job);
  return job;
}

/** An attempt failed. The message is kept and logged, so it holds nothing of the payload. */
export class JobError extends Error {
  override readonly name = 'JobError';
  /** Whether another attempt would fail as well. */
  readonly permanent: boolean;

  constructor(message: string, { permanent = false }: { permanent?: boolean } = {}) {
    super(message);
    this.permanent = permanent;
  }
}

function requireSense({ name, attempts, backoff, timeout, schedule }: AnyJob): void {
  const refuse = (reason: string): never => {
    throw new RangeError(`The job “${name}” ${reason}.`);
  };
  if (!/^[a-z][a-z\d-]{0,49}$/.test(name)) refuse('needs a name of a-z, 0-9 and -, at most 50');
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 100)
    refuse('has 1 to 100 attempts');
  if (!(backoff > 0 && backoff <= 3600)) refuse('has a backoff of up to 3600 seconds');
  if (!(timeout > 0 && timeout <= 86_400)) refuse('has a timeout of up to 86400 seconds');
  if (schedule === undefined) return;
  try {
    nextTime(schedule, new Date(0));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    refuse(`has a schedule that is none: ${error.message}`);
  }
}
