// The sessions of operators, in Redis: each is a hash that expires when it was not used for long. A key
// that is named by the hash of its token leads to it, and has to be the one that it names.
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Log } from '#app/log.ts';
import type { Redis } from '#app/platform/redis/redis.ts';
import { adminSignInRequired } from '../errors.ts';
import { askRedis } from './ask-redis.ts';
import { beginEpoch, beginEveryEpoch, epochsOf } from './epochs/epochs.ts';
import { idle, longest } from './limits.ts';
import * as scripts from './scripts.ts';
import type { AdminSessionStore, StoredSession } from './session-store.ts';

/** Opens the store. Whether Redis can be reached shows when it is asked. */
export async function openAdminSessionStore(deps: {
  log: Log;
  redis: Redis;
}): Promise<AdminSessionStore> {
  const { redis } = deps;
  const { client } = redis;
  const ask = askRedis(deps);
  const keyOf = (sessionId: string) => redis.key('admin-session', sessionId);
  const tokenKeyOf = (hash: string) => redis.key('admin-session-token', hash);
  const listKeyOf = (adminId: string) => redis.key('admin-sessions-of', adminId);

  /** Those of the sessions that go on. */
  async function read(queries: Queries, ids: readonly string[]): Promise<Known[]> {
    if (ids.length === 0) return [];
    const [[seconds, microseconds], found] = await ask(() =>
      Promise.all([client.time(), Promise.all(ids.map((id) => client.hgetall(keyOf(id))))]),
    );
    const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
    const known = ids.flatMap((id, index) => knownOf(id, found[index] ?? {}, now) ?? []);
    const epochOf = await epochsOf(
      queries,
      known.map(({ adminId }) => adminId),
    );
    return known.filter(({ adminId, epoch }) => epoch === epochOf(adminId));
  }

  return {
    async insert(tx, { id, adminId, tokenHash, ip, userAgent }) {
      const hash = tokenHash.toString('hex');
      const epochOf = await epochsOf(tx, [adminId]);
      const fields = {
        adminId,
        tokenHash: hash,
        epoch: epochOf(adminId),
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
  await beginEpoch(tx, adminId);
}

/**
 * Ends the sessions of all operators, also while Redis cannot be reached.
 *
 * @returns 0: how many there were only Redis could tell
 */
export async function removeEverySession(tx: Transaction): Promise<number> {
  await beginEveryEpoch(tx);
  return 0;
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
