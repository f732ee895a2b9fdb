// Preloaded into a service (node --import): ends or stops it by a signal, once, at one point of the way
// that an event takes through the inbox. What the service says to its database tells where it is; nothing
// in the service knows of this.
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';

interface Statement {
  readonly sql: string;
  readonly values?: unknown;
}

type Send = (statement: Statement | string, values?: unknown, done?: unknown) => EventEmitter;
type Connection = Record<'query' | 'execute', Send>;

const { KILL_AT: point, KILL_BY: signal = 'SIGKILL' } = process.env;
let reached = false;
const driver = path.join(process.cwd(), 'node_modules', 'mysql2', 'lib', 'base', 'connection.js');
const { prototype } = createRequire(driver)(driver) as { prototype: Connection };

/** What a connection has done in its transaction so far. */
const claims = new WeakSet<Connection>();
const marks = new WeakSet<Connection>();

for (const method of ['query', 'execute'] as const) {
  const original = prototype[method];
  prototype[method] = function sendUnlessKilled(this: Connection, statement, values, done) {
    const step = stepOf(this, statement, values);
    endAt(`before ${step}`);
    const command = original.call(this, statement, values, done);
    command.once('end', () => {
      endAt(`after ${step}`);
    });
    return command;
  };
}

function stepOf(connection: Connection, statement: Statement | string, separate: unknown): string {
  const sql = typeof statement === 'string' ? statement : statement.sql;
  const values = (typeof statement === 'object' ? statement.values : undefined) ?? separate;
  const holds = (value: string) => Array.isArray(values) && values.includes(value);

  if (/^insert into `webhook_events`/i.test(sql)) return 'it is stored';
  if (/^update `webhook_events` set/i.test(sql)) {
    if (holds('processing')) claims.add(connection);
    if (!holds('processed')) return '';
    marks.add(connection);
    return 'it is marked';
  }
  if (!/^COMMIT/i.test(sql)) return '';
  if (marks.delete(connection)) return 'the commit';
  return claims.delete(connection) ? 'it is claimed' : '';
}

function endAt(step: string): void {
  if (step !== point || reached) return;
  reached = true;
  if (signal === 'SIGSTOP') process.stdout.write('"frozen"\n');
  process.kill(process.pid, signal);
}
