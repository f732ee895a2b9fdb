// For what is preloaded into a service (node --import): ends or stops it by a signal, once, at one point
// of its way. What it says to its database tells where it is; nothing in the service knows of this.
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

interface Statement {
  readonly sql: string;
  readonly values?: unknown;
}

type Send = (statement: Statement | string, values?: unknown, done?: unknown) => EventEmitter;
export type Connection = Record<'query' | 'execute', Send>;

/** Names the step that a statement is; nothing where it is none. */
export type StepOf = (
  connection: Connection,
  sql: string,
  holds: (value: string) => boolean,
) => string | undefined;

let reached = false;

/** Ends this process by KILL_BY before or after the step that KILL_AT names: `before it is stored`. */
export function endAt(moment: 'before' | 'after', step: string | undefined): void {
  const { KILL_AT: point, KILL_BY: signal = 'SIGKILL' } = process.env;
  if (step === undefined || `${moment} ${step}` !== point || reached) return;
  reached = true;
  if (signal === 'SIGSTOP') process.stdout.write('"frozen"\n');
  process.kill(process.pid, signal);
}

/** Has it end at steps that are statements. */
export function killAt(stepOf: StepOf): void {
  const prototype = driver();
  for (const method of ['query', 'execute'] as const) {
    const original = prototype[method];
    prototype[method] = function sendUnlessKilled(this: Connection, statement, separate, done) {
      const { sql, values = separate } =
        typeof statement === 'string' ? { sql: statement } : statement;
      const holds = (value: string) => Array.isArray(values) && values.includes(value);
      const step = stepOf(this, sql, holds);
      endAt('before', step);
      const command = original.call(this, statement, separate, done);
      command.once('end', () => {
        endAt('after', step);
      });
      return command;
    };
  }
}

/** Of the project that runs. */
function driver(): Connection {
  const file = path.join(process.cwd(), 'node_modules', 'mysql2', 'lib', 'base', 'connection.js');
  const { prototype } = createRequire(file)(file) as { prototype: Connection };
  return prototype;
}
