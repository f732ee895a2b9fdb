import { once } from 'node:events';
import { Worker } from 'bullmq';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { BackgroundWork } from '#app/background.ts';
import { openServices, type OpenedServices, type Services } from '#app/lifecycle.ts';
import { createLog } from '#app/log.ts';
import type { AnyJob } from '#app/platform/jobs/define-job.ts';
import { queueName } from '#app/platform/jobs/job-queue.ts';
import { openJobWorker, type WorkerOptions } from '#app/platform/jobs/worker.ts';
import { createTestDatabase, type TestDatabase } from '../../support/database.ts';
import { ownVariables, testSettings } from '../../support/service.ts';

export interface TestJobs {
  readonly services: Services;
  readonly database: TestDatabase;
  /** What was logged in the test, a parsed line each. */
  readonly lines: Record<string, unknown>[];
  /** Starts a worker that knows these jobs; it is closed after the test. */
  work(jobs: readonly AnyJob[], options?: Omit<WorkerOptions, 'jobs'>): Promise<BackgroundWork>;
  rows(): Promise<RowDataPacket[]>;
  /** Has a job handed out to somebody who then says no more, as if killed. */
  takeAndLeave(): Promise<void>;
  /** The same so many times, each when it was seen that nobody is on it any more. */
  takeAndLeaveTimes(times: number): Promise<void>;
  /** The keys in Redis of this file's services. */
  keys(): Promise<string[]>;
  /** Has Redis lose all of them. */
  forget(): Promise<void>;
}

/** The parts of a service, without its routes, on a database and keys in Redis of their own. */
export function useJobs(environment: Record<string, string> = {}): TestJobs {
  const lines: Record<string, unknown>[] = [];
  const workers = new Set<BackgroundWork>();
  const jobs = { lines } as unknown as { -readonly [Key in keyof TestJobs]: TestJobs[Key] };
  let opened: OpenedServices;

  beforeAll(async () => {
    const database = await createTestDatabase();
    const settings = testSettings(database, { ...(await ownVariables()), ...environment });
    const log = createLog(settings, { write: (line) => void lines.push(JSON.parse(line)) });
    opened = await openServices(settings, log);
    Object.assign(jobs, { database, services: opened.services });
  });

  afterEach(async () => {
    await Promise.all([...workers].map((worker) => worker.close()));
    workers.clear();
    await jobs.database.connection.query('DELETE FROM queue_jobs');
    await jobs.database.connection.query('DELETE FROM outbox');
    await jobs.forget();
    lines.length = 0;
  });

  afterAll(async () => {
    await opened.close();
    await jobs.database.drop();
  });

  return Object.assign(jobs, {
    async work(known: readonly AnyJob[], options: Omit<WorkerOptions, 'jobs'> = {}) {
      const worker = await openJobWorker(jobs.services, { ...options, jobs: known });
      workers.add(worker);
      return { close: () => (workers.delete(worker) ? worker.close() : Promise.resolve()) };
    },

    async rows() {
      const [rows] = await jobs.database.connection.query<RowDataPacket[]>(
        'SELECT * FROM queue_jobs ORDER BY id',
      );
      return rows;
    },

    async takeAndLeave() {
      const { connection, prefix } = jobs.services.jobQueue;
      const dying = new Worker(queueName, null, { connection, prefix, lockDuration: 50 });
      await dying.getNextJob('dying', { block: false });
      await dying.close(true);
    },

    async takeAndLeaveTimes(times: number) {
      const { connection, prefix } = jobs.services.jobQueue;
      const pauses = { lockDuration: 50, stalledInterval: 20, maxStalledCount: 100 };
      const dying = new Worker(queueName, null, { connection, prefix, ...pauses });
      for (let time = 0; time < times; time += 1) {
        await dying.getNextJob('dying', { block: false });
        await Promise.all([once(dying, 'stalled'), dying.startStalledCheckTimer()]);
      }
      await dying.close(true);
    },

    async keys() {
      const { connection, prefix } = jobs.services.jobQueue;
      const own = await connection.keys(`${jobs.services.redis.key()}:*`);
      return [...own, ...(await connection.keys(`${prefix}:*`))];
    },

    async forget() {
      const { connection } = jobs.services.jobQueue;
      for (const key of await jobs.keys()) await connection.del(key);
    },
  });
}

/** For `expect.poll`, on a machine with much else to do. */
export const soon = { timeout: 20_000 };

/** Calls that are waited for: how often, and with what. */
export function calls<Call>(): {
  readonly made: Call[];
  note(call: Call): void;
  until(count: number): Promise<Call[]>;
} {
  const made: Call[] = [];
  let waiting: (() => void)[] = [];
  return {
    made,
    note(call) {
      made.push(call);
      for (const look of waiting) look();
    },
    until: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (made.length < count) return;
          waiting = waiting.filter((each) => each !== look);
          resolve(made);
        };
        waiting.push(look);
        look();
      }),
  };
}
