// Redis, as it hands jobs out. It may be gone, and may forget: the jobs are in the database.
import { Queue, type JobsOptions } from 'bullmq';
import type { Redis as Client } from 'ioredis';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Redis } from '../redis/redis.ts';
import type { Sealing } from '../sealing.ts';
import { inTime } from './in-time.ts';
import { keepJob, offerSoon, settling, type Offer } from './job-rows.ts';
import { sealJob, type Identity } from './seal-job.ts';

export const queueName = 'jobs';
/** Milliseconds in which Redis takes jobs, or counts as gone: they are handed to it again later. */
const patience = 2000;
/**
 * Milliseconds without a byte from Redis after which a connection is given up. Who waits for a job
 * hears nothing for up to ten seconds.
 */
const silence = 15_000;

/** What lies in Redis of a job beside its id and name: nothing where the job is looked up. */
export interface QueuedJob {
  /** Sealed, in base64, of a job that is nobody's. */
  readonly payload?: string;
  /** The run of Redis that it was handed to. */
  readonly run?: string;
}

export interface JobQueue {
  /** Keeps a job for good, and hands it to Redis, unless that is gone. */
  take(job: Identity, payload: unknown): Promise<void>;
  /**
   * Hands jobs to Redis. What it has already is not added again.
   *
   * @returns false where it did not take them in time
   */
  offer(offers: readonly Offer[]): Promise<boolean>;
  /**
   * Takes a job out of Redis, where it is.
   *
   * @returns false where it is under way
   */
  remove(id: string): Promise<boolean>;
  /** The jobs that are under way. */
  activeIds(): Promise<string[]>;
  /** A connection that waits for Redis as long as that takes. */
  readonly connection: Client;
  /** What its keys in Redis begin with. In a cluster they are on one node, for the braces. */
  readonly prefix: string;
  /**
   * Which run of a Redis this is: another one may hold what it held before, and hand out what is over.
   * Nothing where it does not say.
   */
  readonly run: string | undefined;
  /**
   * Does something for a Redis that may lack jobs: not for one in which it was done before, that was
   * not ended since and has not lost the note of it, whichever process did it.
   */
  onceForEachRun(work: () => Promise<void>): Promise<void>;
  /** Why Redis is not fit for jobs; nothing where it is. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

const jobOptions: JobsOptions = {
  // How often a job is tried is decided by its row, and so is when.
  attempts: Number.MAX_SAFE_INTEGER,
  backoff: { type: 'custom' },
  removeOnComplete: true,
  removeOnFail: true,
  // An error may quote what it was about.
  stackTraceLimit: 0,
};

/** Connects to Redis. Does not wait for it. */
export async function openJobQueue(deps: {
  log: Log;
  database: Database;
  sealing: Sealing;
  redis: Redis;
}): Promise<JobQueue> {
  const { log, database, sealing, redis } = deps;
  const connection = redis.client.duplicate({
    enableOfflineQueue: true,
    maxRetriesPerRequest: null,
    commandTimeout: undefined,
    socketTimeout: silence,
  });
  const prefix = `{${redis.key()}}`;
  const queue = new Queue<QueuedJob>(queueName, {
    connection,
    prefix,
    defaultJobOptions: jobOptions,
  });
  // That Redis is gone is said by its own client.
  connection.on('error', () => {});
  queue.on('error', () => {});

  let run: string | undefined;
  let problem: string | undefined;
  const lookAtIt = async (): Promise<void> => {
    const found = await readInfo(connection).catch(() => undefined);
    if (found === undefined) return;
    if (found.problem !== undefined && problem === undefined) log.warn(found.problem);
    ({ run, problem } = found);
  };
  connection.on('ready', () => void lookAtIt());
  connection.on('close', () => (run = undefined));

  async function offer(offers: readonly Offer[]): Promise<boolean> {
    // Whatever is sent meanwhile would pile up here, to be sent when Redis is back.
    if (connection.status !== 'ready') return false;
    const adding = queue.addBulk(
      offers.map(({ id, name, payload, delay }) => ({
        name,
        data: payload && run ? { payload: payload.toString('base64'), run } : {},
        opts: { jobId: id, delay },
      })),
    );
    return inTime(
      adding.then(() => true),
      patience,
    ).catch(() => false);
  }

  return {
    async take(job, content) {
      const sealed = sealJob(sealing, job, content);
      const kept = await keepJob(database, { ...job, payload: sealed });
      if (kept === 'over') return;
      // One that was here before may be over by the time that Redis has it again, and one of an account
      // when that is deleted: whoever does it looks it up.
      const isSure = kept === 'new' && job.accountId === null;
      const delay = kept === 'new' ? 0 : settling;
      const { id, name } = job;
      const isOffered = await offer([{ id, name, delay, ...(isSure && { payload: sealed }) }]);
      if (!isOffered) await offerSoon(database, id);
    },
    offer,
    remove: async (id) => (await inTime(queue.remove(id), patience)) === 1,
    async activeIds() {
      const active = await inTime(queue.getActive(), patience);
      return active.flatMap((job) => job?.id ?? []);
    },
    connection,
    prefix,
    async onceForEachRun(work) {
      const key = `${prefix}:run`;
      // Where Redis does not say which run this is, it may be another one each time.
      const current = await inTime(readInfo(connection), patience).catch(() => undefined);
      const known = await inTime(connection.get(key), patience);
      if (current?.run !== undefined && current.run === known) return;
      await work();
      if (current?.run !== undefined) await inTime(connection.set(key, current.run), patience);
    },
    get run() {
      return run;
    },
    get problem() {
      return problem;
    },
    async close() {
      connection.disconnect();
      // Whatever still waits for Redis ends with that.
      await queue.close().catch(() => undefined);
    },
  };
}

interface Info {
  readonly run: string | undefined;
  readonly problem: string | undefined;
}

/** What Redis says of itself: where it throws away what is too much, it throws away parts of the queue. */
async function readInfo(connection: Client): Promise<Info> {
  const info = await connection.info();
  const [, run] = /^run_id:(\S+)/m.exec(info) ?? [];
  const [, policy] = /^maxmemory_policy:(\S+)/m.exec(info) ?? [];
  const isFit = policy === undefined || policy === 'noeviction';
  const problem = `Redis may throw jobs away: its maxmemory-policy is ${policy}, and has to be noeviction.`;
  return { run, problem: isFit ? undefined : problem };
}
