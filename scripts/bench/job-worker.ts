// Does so many jobs that wait, as a project's worker or by BullMQ alone. Each does nothing, or writes a
// row. Prints jobs per second on stderr: stdout is the log.
//   node scripts/bench/job-worker.ts project|bare nothing|row <folder of the project> <count>

import { createRequire } from 'node:module';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import type * as BullMQ from 'bullmq';
import type * as IORedis from 'ioredis';
import type { Redis } from 'ioredis';
import type { Pool } from 'mysql2/promise';
import { z } from 'zod';

import { openPool } from './serve.ts';

const [who = '', effect = '', project = '', count = ''] = process.argv.slice(2);
const jobs = Number(count);
/** Done before the clock runs: by then what is called is compiled. */
const warmUp = Math.ceil(jobs / 4);
const atOnce = 50;
const name = 'bench';

/** What a job is given: some ids and a few words, about 200 bytes as JSON. */
const schema = z.strictObject({
  invoiceId: z.string(),
  customerId: z.string(),
  subject: z.string(),
  lines: z.array(z.int()),
});
type Payload = z.infer<typeof schema>;

const rate = who === 'project' ? await asProject() : await bare();
process.stderr.write(String(rate));
// What is open is thrown away with the process.
process.exit();

function newPayload(): Payload {
  return {
    invoiceId: crypto.randomUUID(),
    customerId: crypto.randomUUID(),
    subject: 'Your invoice of this month',
    lines: [1, 2, 3, 5, 8, 13, 21, 34],
  };
}

/** The project's own worker, with one job more. What waits is in its table and in Redis. */
async function asProject(): Promise<number> {
  const { openServices, createLog, readSettings, openJobWorker, defineJob } = await modules();
  const settings = readSettings(process.env);
  const { services } = await openServices(settings, createLog(settings));
  const clock = startClock();
  const handle = (payload: Payload) => doWork(services.database.statements, payload, clock.tick);
  const job = defineJob({ name, payload: schema, handle });
  await inTurns(() =>
    services.jobQueue.take({ id: crypto.randomUUID(), name, accountId: null }, newPayload()),
  );
  // A Redis that workers have met before: one that is new to them is handed all again, at its start.
  await services.jobQueue.onceForEachRun(() => Promise.resolve());
  await openJobWorker(services, { jobs: [job] });
  const jobsPerSecond = await clock.rate;
  await forget(services.jobQueue.connection, services.jobQueue.prefix);
  return jobsPerSecond;
}

/** BullMQ as one uses it: what is done is not kept, as in the project. */
async function bare(): Promise<number> {
  const { Queue, Worker, Redis: Client } = packages();
  const connection = new Client(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null });
  const prefix = `{${process.env['REDIS_PREFIX']}}`;
  const queue = new Queue('jobs', { connection, prefix });
  await inTurns(() => queue.add(name, newPayload(), { removeOnComplete: true }));
  const clock = startClock();
  const concurrency = Number(process.env['JOBS_WORKERS']);
  const pool = openPool();
  const handle = ({ data }: { data: Payload }) => doWork(pool, data, clock.tick);
  const worker = new Worker('jobs', handle, { connection, prefix, concurrency });
  worker.on('error', (error: unknown) => {
    throw error;
  });
  const jobsPerSecond = await clock.rate;
  await forget(connection, prefix);
  return jobsPerSecond;
}

/** Leaves nothing in Redis. */
async function forget(connection: Redis, prefix: string): Promise<void> {
  await connection.del(...(await connection.keys(`${prefix}*`)));
}

/** What a job does, here and there. */
async function doWork(
  statements: Pick<Pool, 'execute'>,
  { invoiceId }: Payload,
  done: () => void,
): Promise<void> {
  if (effect === 'row') {
    await statements.execute('INSERT INTO bench_effects (id) VALUES (?)', [invoiceId]);
  }
  done();
}

async function inTurns(add: () => Promise<unknown>): Promise<void> {
  let left = jobs;
  const addAll = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await add();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, addAll));
}

/** Jobs per second between the call of a handler when all is warm and the last one. */
function startClock(): { readonly rate: Promise<number>; readonly tick: () => void } {
  const { promise, resolve } = Promise.withResolvers<number>();
  let calls = 0;
  let started = 0;
  return {
    rate: promise,
    tick() {
      calls += 1;
      if (calls === warmUp) started = performance.now();
      if (calls === jobs) resolve(((jobs - warmUp) * 1000) / (performance.now() - started));
    },
  };
}

/** The project's own modules, as far as they are measured. */
interface Modules {
  readSettings: (environment: NodeJS.ProcessEnv) => object;
  createLog: (settings: object) => object;
  openServices: (settings: object, log: object) => Promise<{ services: Services }>;
  defineJob: (options: object) => object;
  openJobWorker: (services: Services, options: object) => Promise<object>;
}

interface Services {
  database: { statements: Pick<Pool, 'execute'> };
  jobQueue: {
    take: (job: object, payload: Payload) => Promise<void>;
    onceForEachRun: (work: () => Promise<void>) => Promise<void>;
    connection: Redis;
    prefix: string;
  };
}

async function modules(): Promise<Modules> {
  const files = [
    'settings.ts',
    'log.ts',
    'lifecycle.ts',
    'platform/jobs/define-job.ts',
    'platform/jobs/worker.ts',
  ];
  const loaded = files.map((file): Promise<object> => {
    return import(pathToFileURL(join(project, 'src', file)).href);
  });
  return Object.assign({}, ...(await Promise.all(loaded))) as Modules;
}

/** BullMQ as the project has it. */
function packages() {
  const require = createRequire(join(project, 'package.json'));
  return {
    ...(require('bullmq') as typeof BullMQ),
    ...(require('ioredis') as typeof IORedis),
  };
}
