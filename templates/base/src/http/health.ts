import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import {
  MigrationError,
  pendingMigrations,
  readMigrations,
  readProgress,
} from '#app/database/migrations.ts';
import type { Log } from '#app/log.ts';
import { notReady } from './errors.ts';
import { json, open, reply, route, type Route } from './route.ts';

const Readiness = z.object({
  status: z.enum(['ready', 'degraded']),
  /** What is wrong where it is degraded. */
  detail: z.string().optional(),
});

/** A part of the service that says why it does not work as it should, where it does not. */
export interface Watched {
  readonly problem: string | undefined;
}

/** Those of the service's parts that can say so. */
export function watchedIn(services: object): Watched[] {
  return Object.values(services).filter(
    (part): part is Watched => typeof part === 'object' && part !== null && 'problem' in part,
  );
}

/** Milliseconds in which the database has to answer to count as there. */
const databaseTimeout = 2000;

/**
 * `/healthz` says that the process answers: restart it if it does not. `/readyz` says that it can do
 * its work: send it no requests while it cannot. `degraded` there means that it can, and that
 * somebody has to look after it.
 */
export function healthRoutes(
  deps: { database: Database; log: Log; watched?: readonly Watched[] },
  state: { readonly stopping: boolean },
): Route[] {
  const { watched = [] } = deps;
  const readiness = readinessOf(deps);
  return [
    route({
      method: 'get',
      path: '/healthz',
      summary: 'Tell whether the process answers',
      guard: open,
      everyHost: true,
      answers: { 200: json(z.object({ status: z.literal('ok') })) },
      handler: async () => reply(200, { status: 'ok' }),
    }),
    route({
      method: 'get',
      path: '/readyz',
      summary: 'Tell whether the service can do its work',
      guard: open,
      everyHost: true,
      answers: { 200: json(Readiness) },
      errors: [notReady],
      handler: async () => {
        const reason = state.stopping ? 'The service is stopping.' : await readiness();
        if (reason !== undefined) throw notReady({ detail: reason, retryAfter: 5 });
        const problems = watched.flatMap(({ problem }) => problem ?? []);
        if (problems.length === 0) return reply(200, { status: 'ready' });
        return reply(200, { status: 'degraded', detail: problems.join(' ') });
      },
    }),
  ];
}

/** Resolves to why the database cannot be used, or to nothing. */
function readinessOf({
  database,
  log,
}: {
  database: Database;
  log: Log;
}): () => Promise<string | undefined> {
  let migrated = false;

  async function check(): Promise<string | undefined> {
    if (migrated) {
      await database.pool.query('SELECT 1');
      return undefined;
    }
    const pending = pendingMigrations(await readMigrations(), await readProgress(database.pool));
    migrated = pending.length === 0;
    if (migrated) return undefined;
    const names = pending.map(({ migration }) => migration.name).join(', ');
    return `Migrations are not applied: ${names}. The command db:migrate applies them.`;
  }

  return async () => {
    const timeout = new AbortController();
    try {
      return await Promise.race([
        check(),
        wait(databaseTimeout, 'The database does not answer.', { signal: timeout.signal }),
      ]);
    } catch (error) {
      if (error instanceof MigrationError) return error.message;
      log.warn({ err: error }, 'the database cannot be reached');
      return 'The database cannot be reached.';
    } finally {
      timeout.abort();
    }
  };
}
