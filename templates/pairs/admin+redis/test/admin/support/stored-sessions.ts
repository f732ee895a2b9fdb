// The sessions of operators as they are stored, and as a test would have them.
import { randomUUID } from 'node:crypto';
import { expect, vi } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { idle } from '#app/domains/admin/sessions/limits.ts';
import { openAdminSessionStore } from '#app/domains/admin/sessions/store.ts';
import type { AdminSessionStore } from '#app/domains/admin/sessions/session-store.ts';
import { createLog } from '#app/log.ts';
import { openRedis, type Redis } from '#app/platform/redis/redis.ts';
import { testSealing } from '../../support/sealing.ts';
import type { TestService } from '../../support/service.ts';

const log = createLog({ LOG_LEVEL: 'silent' });

type Service = Pick<TestService, 'database' | 'settings'>;

/** The tables in which it is noted that a session is in use. */
export const sessionTables: readonly string[] = [];

/** Adds a session that has just begun. Resolves to its id. */
export async function addSession(
  service: Service,
  adminId: string,
  tokenHash: Buffer,
): Promise<string> {
  const id = randomUUID();
  const settings = { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 };
  const database = await openDatabase({ settings, sealing: testSealing });
  const store = await openStore(service);
  await database.transaction((tx) =>
    store.insert(tx, { id, adminId, tokenHash, ip: '192.0.2.1', userAgent: undefined }),
  );
  await store.close();
  await database.close();
  return id;
}

/** Has a session not been used for so many seconds. */
export async function leaveUnused(service: Service, id: string, seconds: number): Promise<void> {
  await withRedis(service, async (redis) => {
    const session = redis.key('admin-session', id);
    await redis.client.hincrby(session, 'lastUsedAt', -seconds * 1000);
    await redis.client.pexpire(session, Math.max(idle - seconds, 0) * 1000);
  });
}

/** Has a session have begun so long ago that it is over. */
export async function expire(service: Service, id: string): Promise<void> {
  await withRedis(service, async (redis) => {
    await redis.client.pexpire(redis.key('admin-session', id), 0);
  });
}

/** Has the last proof of an operator be too old for what is sensitive, in all sessions. */
export async function ageProof(service: Service, adminId: string): Promise<void> {
  await withRedis(service, async (redis) => {
    for (const session of await sessionKeysOf(redis, adminId)) {
      const isThere = (await redis.client.exists(session)) === 1;
      if (isThere) await redis.client.hincrby(session, 'provenAt', -360_000);
    }
  });
}

/** Takes the sessions of an operator away, without a word to anybody. */
export async function removeSessions(service: Service, adminId: string): Promise<void> {
  await withRedis(service, async (redis) => {
    await redis.client.del(...(await sessionKeysOf(redis, adminId)));
  });
}

/** When a session was last used, and when it ends at the latest; nothing where it is not there. */
export async function timesOf(
  service: Service,
  id: string,
): Promise<{ lastUsedAt: Date; endsAt: Date } | undefined> {
  return withRedis(service, async (redis) => {
    const fields = await redis.client.hgetall(redis.key('admin-session', id));
    const { lastUsedAt, endsAt } = fields;
    if (lastUsedAt === undefined) return undefined;
    return { lastUsedAt: new Date(Number(lastUsedAt)), endsAt: new Date(Number(endsAt)) };
  });
}

/** Every session there is, whole, with all that leads to it. */
export async function storedSessions(service: Service): Promise<unknown> {
  return withRedis(service, async (redis) => {
    const names = await redis.client.keys(redis.key('admin-session*'));
    const sessions = names.filter((name) => name.startsWith(redis.key('admin-session', '')));
    return [names, await Promise.all(sessions.map((name) => redis.client.hgetall(name)))];
  });
}

/** The store of a service as another process opens it. Closing it is for the caller. */
export async function openStore(service: Service): Promise<AdminSessionStore> {
  const redis = await openReadyRedis(service);
  const store = await openAdminSessionStore({ log, redis });
  return { ...store, close: () => redis.close() };
}

/** Does something in the Redis of a service. */
export async function withRedis<T>(
  service: Service,
  work: (redis: Redis) => Promise<T>,
): Promise<T> {
  const redis = await openReadyRedis(service);
  try {
    return await work(redis);
  } finally {
    await redis.close();
  }
}

async function openReadyRedis({ settings }: Service): Promise<Redis> {
  // Enough for a machine that has much to do.
  const redis = await openRedis({ settings, log, patience: 20_000 });
  await vi.waitFor(() => expect(redis.problem).toBeUndefined(), 20_000);
  return redis;
}

async function sessionKeysOf(redis: Redis, adminId: string): Promise<string[]> {
  const ids = await redis.client.zrange(redis.key('admin-sessions-of', adminId), '0', '-1');
  return ids.map((id) => redis.key('admin-session', id));
}
