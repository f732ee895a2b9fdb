// The sessions of operators, in Redis: each is a hash that expires when it was not used for long. A key
// that is named by the hash of its token leads to it, and has to be the one that it names.
import { inArray, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { temporarilyUnavailable } from '#app/http/errors.ts';
import type { Log } from '#app/log.ts';
import type { Redis } from '#app/platform/redis/redis.ts';
import { adminSignInRequired } from '../errors.ts';
import { adminUsers } from '../models.ts';
import { adminSessionEpochs } from './epochs/models.ts';
import { idle, longest } from './limits.ts';
import * as scripts from './scripts.ts';
import type { AdminSessionStore, StoredSession } from './session-store.ts';

/** How often a process asks that is too busy to hear an answer. */
const attempts = 5;
/** The share of its time in which a process is busy that may overlook one. */
const busy = 0.25;

/** Opens the store. Whether Redis can be reached shows when it is asked. */
export async function openAdminSessionStore(deps: {
  log: Log;
  redis: Redis;
}): Promise<AdminSessionStore> {
  const { log, redis } = deps;
  const { client } = redis;
  const keyOf = (sessionId: string) => redis.key('admin-session', sessionId);
  const tokenKeyOf = (hash: string) => redis.key('admin-session-token', hash);
  const listKeyOf = (adminId: string) => redis.key('admin-sessions-of', adminId);

  /**
   * Asks Redis for something that may be done twice.
   *
   * @throws temporarily_unavailable
   */
  async function ask<T>(command: () => Promise<T>): Promise<T> {
    for (let asked = 1; redis.problem === undefined; asked += 1) {
      const wasBusy = watchLoop();
      try {
        return await command();
      } catch (error) {
        redis.doubt();
        // A process that is busy may find too late what was there in time.
        if (wasBusy() && asked < attempts) continue;
        log.warn({ err: error }, 'Redis did not do what it was asked for');
        break;
      }
    }
    throw temporarilyUnavailable({
      detail: 'The sessions of the admin area cannot be reached.',
      retryAfter: 5,
    });
  }

  /** Those of the sessions that go on. */
  async function read(queries: Queries, ids: readonly string[]): Promise<Known[]> {
    if (ids.length === 0) return [];
    const [[seconds, microseconds], found] = await ask(() =>
      Promise.all([client.time(), Promise.all(ids.map((id) => client.hgetall(keyOf(id))))]),
    );
    const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
    const known = ids.flatMap((id, index) => knownOf(id, found[index] ?? {}, now) ?? []);
    const epochs = await epochsOf(queries, known);
    return known.filter(({ adminId, epoch }) => epoch === (epochs.get(adminId) ?? 0));
  }

  return {
    async insert(tx, { id, adminId, tokenHash, ip, userAgent }) {
      const hash = tokenHash.toString('hex');
      const epochs = await epochsOf(tx, [{ adminId }]);
      const fields = {
        adminId,
        tokenHash: hash,
        epoch: epochs.get(adminId) ?? 0,
        ip,
        userAgent: userAgent?.slice(0, 255) ?? '',
      };
      const keys = [keyOf(id), tokenKeyOf(hash), listKeyOf(adminId)];
      const given = [idle * 1000, longest * 1000, id, ...Object.entries(fields).flat()];
      tx.beforeCommit(async () => {
        await ask(() => scripts.insert(client, keys, given));
      });
    },

    async find(queries, tokenHash) {
      const hash = tokenHash.toString('hex');
      const id = await ask(() => client.get(tokenKeyOf(hash)));
      const [session] = await read(queries, id === null ? [] : [id]);
      return session?.tokenHash === hash ? session : undefined;
    },

    async list(queries, adminId) {
      const ids = await ask(() => client.zrange(listKeyOf(adminId), '0', '-1'));
      const sessions = await read(queries, ids);
      return sessions.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
    },

    async going(queries, sessionIds) {
      return new Set((await read(queries, sessionIds)).map(({ id }) => id));
    },

    async noteUse(_queries, sessionId) {
      await ask(() => scripts.noteUse(client, [keyOf(sessionId)], [idle * 1000]));
    },

    async tokenHash(tx, sessionId) {
      const [session] = await read(tx, [sessionId]);
      return session && Buffer.from(session.tokenHash, 'hex');
    },

    async exchange(tx, { sessionId, before, after, proven }) {
      const hashes = [before.toString('hex'), after.toString('hex')];
      const keys = [keyOf(sessionId), ...hashes.map(tokenKeyOf)];
      const given = [...hashes, sessionId, proven ? '1' : '0'];
      tx.beforeCommit(async () => {
        const done = await ask(() => scripts.exchange(client, keys, given));
        if (done !== 1) throw adminSignInRequired(true);
      });
    },

    async remove(tx, sessionId) {
      // The key that leads to it leads nowhere then, and expires.
      tx.beforeCommit(async () => {
        await ask(() => client.del(keyOf(sessionId)));
      });
    },

    close: async () => undefined,
  };
}

/** Ends the sessions of an operator, also while Redis cannot be reached. */
export async function removeSessionsOf(tx: Transaction, adminId: string): Promise<void> {
  await tx
    .insert(adminSessionEpochs)
    .values({ adminId, epoch: 1 })
    .onDuplicateKeyUpdate({ set: next });
}

/**
 * Ends the sessions of all operators, also while Redis cannot be reached.
 *
 * @returns 0: how many there were only Redis could tell
 */
export async function removeEverySession(tx: Transaction): Promise<number> {
  await tx
    .insert(adminSessionEpochs)
    .select(
      tx.select({ adminId: adminUsers.id, epoch: sql<number>`1`.as('epoch') }).from(adminUsers),
    )
    .onDuplicateKeyUpdate({ set: next });
  return 0;
}

const next = { epoch: sql`${adminSessionEpochs.epoch} + 1` };

/** Gives whether the process was busy since. */
function watchLoop(): () => boolean {
  const before = performance.eventLoopUtilization();
  return () => performance.eventLoopUtilization(before).utilization > busy;
}

/** A session as Redis has it. */
interface Known extends StoredSession {
  readonly tokenHash: string;
  readonly epoch: number;
}

/** Nothing where there is no such session. */
function knownOf(id: string, fields: Record<string, string>, now: number): Known | undefined {
  const { adminId, tokenHash, epoch, createdAt, lastUsedAt, provenAt, ip, userAgent } = fields;
  if (adminId === undefined || tokenHash === undefined) return undefined;
  const since = (time: string | undefined) => Math.floor((now - Number(time)) / 1000);
  return {
    id,
    adminId,
    tokenHash,
    epoch: Number(epoch),
    createdAt: new Date(Number(createdAt)),
    lastUsedAt: new Date(Number(lastUsedAt)),
    provenAt: new Date(Number(provenAt)),
    unused: since(lastUsedAt),
    unproven: since(provenAt),
    ip: ip || null,
    userAgent: userAgent || null,
  };
}

async function epochsOf(
  queries: Queries,
  of: readonly { readonly adminId: string }[],
): Promise<ReadonlyMap<string, number>> {
  if (of.length === 0) return new Map();
  const ids = of.map(({ adminId }) => adminId);
  const rows = await queries
    .select()
    .from(adminSessionEpochs)
    .where(inArray(adminSessionEpochs.adminId, ids));
  return new Map(rows.map(({ adminId, epoch }) => [adminId, epoch]));
}
