// The sessions of operators as they are stored, and as a test would have them.
import { randomUUID } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { openDatabase } from '#app/database/database.ts';
import { openAdminSessionStore } from '#app/domains/admin/sessions/store.ts';
import type { AdminSessionStore } from '#app/domains/admin/sessions/session-store.ts';
import { createLog } from '#app/log.ts';
import { testSealing } from '../../support/sealing.ts';
import type { TestService } from '../../support/service.ts';

type Service = Pick<TestService, 'database'>;

/** The tables in which it is noted that a session is in use. */
export const sessionTables = ['admin_sessions'];

/** Adds a session that has just begun. Resolves to its id. */
export async function addSession(
  { database }: Service,
  adminId: string,
  tokenHash: Buffer,
): Promise<string> {
  const id = randomUUID();
  await database.connection.execute(
    `INSERT INTO admin_sessions
       (token_hash, id, admin_id, created_at, last_used_at, proven_at, expires_at)
     VALUES (?, ?, ?, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),
       UTC_TIMESTAMP(3) + INTERVAL 8 HOUR)`,
    [tokenHash, id, adminId],
  );
  return id;
}

/** Has a session not been used for so many seconds. */
export async function leaveUnused({ database }: Service, id: string, seconds: number) {
  await database.connection.execute(
    'UPDATE admin_sessions SET last_used_at = UTC_TIMESTAMP(3) - INTERVAL ? SECOND WHERE id = ?',
    [seconds, id],
  );
}

/** Has a session have begun so long ago that it is over. */
export async function expire({ database }: Service, id: string): Promise<void> {
  await database.connection.execute(
    'UPDATE admin_sessions SET expires_at = UTC_TIMESTAMP(3) WHERE id = ?',
    [id],
  );
}

/** Has the last proof of an operator be too old for what is sensitive, in all sessions. */
export async function ageProof({ database }: Service, adminId: string): Promise<void> {
  await database.connection.execute(
    'UPDATE admin_sessions SET proven_at = UTC_TIMESTAMP(3) - INTERVAL 6 MINUTE WHERE admin_id = ?',
    [adminId],
  );
}

/** Takes the sessions of an operator away, without a word to anybody. */
export async function removeSessions({ database }: Service, adminId: string): Promise<void> {
  await database.connection.execute('DELETE FROM admin_sessions WHERE admin_id = ?', [adminId]);
}

/** When a session was last used, and when it ends at the latest; nothing where it is not there. */
export async function timesOf(
  { database }: Service,
  id: string,
): Promise<{ lastUsedAt: Date; endsAt: Date } | undefined> {
  const [[row]] = await database.connection.query<RowDataPacket[]>(
    'SELECT last_used_at AS lastUsedAt, expires_at AS endsAt FROM admin_sessions WHERE id = ?',
    [id],
  );
  return row && { lastUsedAt: row['lastUsedAt'], endsAt: row['endsAt'] };
}

/** Every session there is, whole. */
export async function storedSessions({ database }: Service): Promise<unknown> {
  return (await database.connection.query('SELECT * FROM admin_sessions'))[0];
}

/** The store of a service as another process opens it. Closing it is for the caller. */
export async function openStore({ database }: Service): Promise<AdminSessionStore> {
  const settings = { DATABASE_URL: database.url, DATABASE_POOL_SIZE: 1 };
  const opened = await openDatabase({ settings, sealing: testSealing });
  const log = createLog({ LOG_LEVEL: 'silent' });
  const store = await openAdminSessionStore({ database: opened, log });
  return {
    ...store,
    async close() {
      await store.close();
      await opened.close();
    },
  };
}
