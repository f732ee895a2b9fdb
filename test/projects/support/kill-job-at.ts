// Preloaded into a service or a worker: ends it at one point of the way of a job, from the outbox over
// the table of jobs and Redis to the handler and back.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

import { type Connection, endAt, killAt } from './at-statement.ts';

/** What a connection has done in its transaction so far. */
const claims = new WeakSet<Connection>();
const deliveries = new WeakSet<Connection>();
const effects = new WeakSet<Connection>();

killAt((connection, sql, holds) => {
  if (/^insert into `queue_jobs`/i.test(sql)) return 'it is kept';
  if (/^update queue_jobs set state = 'completed'/i.test(sql)) return 'it is marked';
  if (/^insert into `queue_job_effects`/i.test(sql)) effects.add(connection);
  if (/^insert into effects/i.test(sql)) return 'its effect';
  if (/^update `outbox` set/i.test(sql)) {
    if (holds('sending')) claims.add(connection);
    if (holds('sent')) deliveries.add(connection);
  }
  if (!/^COMMIT/i.test(sql)) return undefined;
  if (claims.delete(connection)) return 'it is claimed';
  if (deliveries.delete(connection)) return 'it is delivered';
  return effects.delete(connection) ? 'its commit' : undefined;
});

/** The scripts by which BullMQ passes a job on, and what a job is when they have run. */
const steps: Record<string, string> = {
  addStandardJob: 'it is added',
  moveToActive: 'it is taken',
  moveToFinished: 'it is acknowledged',
};

interface Command {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly promise: Promise<unknown>;
}

interface Client {
  defineCommand: (this: Client, name: string, definition: { lua: string }) => void;
  sendCommand: (this: Client, command: Command, stream?: unknown) => unknown;
}

/** The names of scripts by what Redis knows them by. */
const scripts = new Map<string, string>();

const client = clientOfProject();
const { defineCommand, sendCommand } = client;

client.defineCommand = function define(name, definition) {
  const hash = createHash('sha1').update(definition.lua).digest('hex');
  scripts.set(hash, name.split(':')[0] ?? name);
  defineCommand.call(this, name, definition);
};

client.sendCommand = function sendUnlessKilled(command, stream) {
  const step = stepOf(command);
  endAt('before', step);
  // Asked for a job, it may say that there is none.
  const isOver = (answer: unknown): boolean => step !== 'it is taken' || holdsJob(answer);
  void command.promise.then(
    (answer) => {
      if (isOver(answer)) endAt('after', step);
    },
    () => undefined,
  );
  return sendCommand.call(this, command, stream);
};

function stepOf({ name, args }: Command): string | undefined {
  if (name !== 'evalsha' && name !== 'eval') return undefined;
  const hash = name === 'eval' ? createHash('sha1').update(String(args[0])).digest('hex') : args[0];
  return steps[scripts.get(String(hash)) ?? ''];
}

function holdsJob(answer: unknown): boolean {
  return Array.isArray(answer) && Array.isArray(answer[0]);
}

/** Of the project that runs. */
function clientOfProject(): Client {
  const require = createRequire(path.join(process.cwd(), 'package.json'));
  return (require('ioredis') as { Redis: { prototype: Client } }).Redis.prototype;
}
