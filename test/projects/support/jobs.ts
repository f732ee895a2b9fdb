// Jobs of a project whose effects can be counted, and how they are waited for.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { Redis } from 'ioredis';
import { expect } from 'vitest';

import { query } from '../../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../../scripts/lib/environment.ts';
import type { Project } from './project.ts';

/** Jobs as an owner would write them. */
const list = `import { setTimeout as wait } from 'node:timers/promises';
import { sql } from 'drizzle-orm';
import { z } from 'zod';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { defineJob } from './define-job.ts';
import { once } from './once.ts';

const payload = z.strictObject({});

const makeEffect = (queries: Queries | Transaction, key: string) =>
  queries.execute(sql\`INSERT INTO effects (job_key) VALUES (\${key})\`);

const atLeastOnce = defineJob({
  name: 'at-least-once',
  payload,
  handle: async (_payload, { key, services }) => {
    await makeEffect(services.database.queries, key);
  },
});

const justOnce = defineJob({
  name: 'once',
  payload,
  handle: (_payload, { key, services }) =>
    services.database.transaction(async (tx) => {
      if (await once(tx, key)) await makeEffect(tx, key);
    }),
});

/** Says that it has begun, and comes to its end when it may. */
const patient = defineJob({
  name: 'patient',
  payload,
  handle: async (_payload, { key, services: { database } }) => {
    await database.queries.execute(sql\`INSERT INTO begun (job_key) VALUES (\${key})\`);
    const mayEnd = () => database.statements.query('SELECT job_key FROM may_end WHERE job_key = ?', [key]);
    while (((await mayEnd())[0] as unknown[]).length === 0) await wait(20);
    await makeEffect(database.queries, key);
  },
});

const ticking = defineJob({
  name: 'ticking',
  payload,
  schedule: { every: 1, payload: {} },
  handle: async (_payload, { key, services }) => {
    await makeEffect(services.database.queries, key);
  },
});

export const jobs = { atLeastOnce, justOnce, patient, ...(process.env['TICKING'] && { ticking }) };
`;

/** Has so many of a job done, as a transaction of a service would. Nothing is delivered by this. */
const enqueueScript = `import { inArray } from 'drizzle-orm';
import { openDatabase } from './src/database/database.ts';
import { createLog } from './src/log.ts';
import { jobDelivery } from './src/platform/jobs/job-delivery.ts';
import { enqueue } from './src/platform/outbox/enqueue.ts';
import { outbox } from './src/platform/outbox/models.ts';
import { openSealing } from './src/platform/sealing.ts';
import { readSettings } from './src/settings.ts';

const settings = readSettings(process.env);
const sealing = await openSealing({ settings, log: createLog(settings) });
const database = await openDatabase({ settings, sealing });
const names = process.argv.slice(2);
const keys = await database.transaction(async (tx) => {
  const made = [];
  for (const name of names) made.push(await enqueue(sealing, tx, jobDelivery, { name, payload: {} }));
  await tx.update(outbox).set({ availableAt: new Date('2100-01-01') }).where(inArray(outbox.id, made));
  return made;
});
await database.close();
process.stdout.write(JSON.stringify(keys));
`;

export type JobName = 'at-least-once' | 'once' | 'patient';

/** A project with these jobs, its database, and the Redis that its processes use. */
export class Jobs {
  readonly project: Project;
  readonly settings: Record<string, string>;
  readonly database: string;

  private constructor(project: Project, settings: Record<string, string>) {
    this.project = project;
    this.settings = settings;
    this.database = settings['DATABASE_URL'] ?? '';
  }

  /** Gives a project these jobs, and its database the tables of their effects. */
  static async in(project: Project, settings: Record<string, string>): Promise<Jobs> {
    writeFileSync(join(project.folder, 'src/platform/jobs/list.ts'), list);
    writeFileSync(join(project.folder, 'enqueue.ts'), enqueueScript);
    const jobs = new Jobs(project, settings);
    const tables = ['effects', 'begun', 'may_end'].map(
      (name) => `CREATE TABLE ${name} (job_key VARCHAR(80) NOT NULL) ENGINE=InnoDB`,
    );
    await query(jobs.database, ...tables);
    return jobs;
  }

  /** The same, with another Redis. */
  static on({ project, settings }: Jobs, url: string): Jobs {
    return new Jobs(project, { ...settings, REDIS_URL: url });
  }

  /** Writes jobs into the outbox, where they stay until they are released. @returns their keys */
  async enqueue(names: readonly JobName[]): Promise<string[]> {
    const { stdout } = await execa(process.execPath, ['enqueue.ts', ...names], {
      cwd: this.project.folder,
      env: cleanEnvironment(this.settings),
      extendEnv: false,
    });
    return JSON.parse(stdout) as string[];
  }

  /** Has them delivered from now on. */
  async release(keys: readonly string[]): Promise<void> {
    await query(
      this.database,
      `UPDATE outbox SET available_at = UTC_TIMESTAMP(3) WHERE id IN (${listOf(keys)})`,
    );
  }

  /** How many effects each has had. */
  async effects(keys: readonly string[]): Promise<number[]> {
    const rows = await query(
      this.database,
      `SELECT job_key, COUNT(*) AS count FROM effects WHERE job_key IN (${listOf(keys)}) GROUP BY job_key`,
    );
    const counts = new Map(rows.map((row) => [row['job_key'], Number(row['count'])]));
    return keys.map((key) => counts.get(key) ?? 0);
  }

  /** How many of them are done, by the table of jobs. */
  async completed(keys: readonly string[]): Promise<number> {
    return this.#count(
      `queue_jobs WHERE state = 'completed' AND attempts = 0 AND id IN (${listOf(keys)})`,
    );
  }

  /** Waits until the outbox has delivered them. */
  async untilDelivered(keys: readonly string[]): Promise<void> {
    const delivered = `outbox WHERE state = 'sent' AND id IN (${listOf(keys)})`;
    await untilIs(() => this.#count(delivered), keys.length);
  }

  /** Waits until all are done, and delivered. */
  async untilDone(keys: readonly string[]): Promise<void> {
    await untilIs(() => this.completed(keys), keys.length);
    await this.untilDelivered(keys);
  }

  /** Waits until Redis has these jobs, and nobody to give them to. */
  async untilHandedOver(keys: readonly string[]): Promise<void> {
    await untilIs(() => this.inRedis('wait'), keys.length);
  }

  /** How many jobs Redis has in a state. */
  async inRedis(state: 'wait' | 'active'): Promise<number> {
    return this.onRedis((client, prefix) => client.llen(`${prefix}:jobs:${state}`));
  }

  /**
   * As if minutes had passed for what killed processes have left: their leases in the outbox and their
   * locks in Redis are over, and what waits is handed to Redis again.
   */
  async minutesLater(): Promise<void> {
    await query(
      this.database,
      `UPDATE outbox SET available_at = UTC_TIMESTAMP(3) WHERE state = 'sending'`,
      `UPDATE queue_jobs SET next_at = UTC_TIMESTAMP(3) WHERE state = 'waiting'`,
    );
    await this.onRedis(async (client, prefix) => {
      const left = await client.keys(`${prefix}:jobs:*:lock`);
      await client.del(`${prefix}:jobs:stalled-check`, ...left);
    });
  }

  /** Does something with a connection of the test's own. */
  async onRedis<T>(work: (client: Redis, prefix: string) => Promise<T>): Promise<T> {
    const client = new Redis(this.settings['REDIS_URL'] ?? '');
    try {
      return await work(client, `{${this.settings['REDIS_PREFIX']}}`);
    } finally {
      client.disconnect();
    }
  }

  async #count(from: string): Promise<number> {
    const [row] = await query(this.database, `SELECT COUNT(*) AS count FROM ${from}`);
    return Number(row?.['count']);
  }
}

/** For `expect.poll`, on a machine with much else to do. */
export const patiently = { timeout: 120_000, interval: 100 };

async function untilIs(read: () => Promise<number>, count: number): Promise<void> {
  await expect.poll(read, patiently).toBe(count);
}

const listOf = (keys: readonly string[]): string => keys.map((key) => `'${key}'`).join(', ');
