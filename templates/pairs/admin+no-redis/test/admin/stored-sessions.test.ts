// What becomes of operators' sessions in the database.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { removeExpired } from '#app/domains/admin/sessions/pruning.ts';
import { endAllSessions } from '#app/domains/auth/end-all-sessions.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { signInOperator } from './support/operator.ts';
import { expire, leaveUnused } from './support/stored-sessions.ts';

const service = useService();

let database: Database;
beforeAll(async () => {
  const settings = { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 };
  database = await openDatabase({ settings, sealing: testSealing });
});
afterAll(() => database.close());

async function query(statement: string, ...values: string[]): Promise<Record<string, unknown>[]> {
  const [rows] = await service.database.connection.query(statement, values);
  return rows as Record<string, unknown>[];
}

test('sessions that are over are removed, and the others stay', async () => {
  const [idle, expired, left, live] = [
    await signInOperator(service),
    await signInOperator(service),
    await signInOperator(service),
    await signInOperator(service),
  ];
  await leaveUnused(service, idle.sessionId, 16 * 60);
  await expire(service, expired.sessionId);
  await query('UPDATE admin_users SET disabled_at = UTC_TIMESTAMP(3) WHERE id = ?', left.id);
  await removeExpired(database);

  const ids = [idle, expired, left, live].map(({ sessionId }) => sessionId);
  const there = await query('SELECT id FROM admin_sessions WHERE id IN (?, ?, ?, ?)', ...ids);
  expect(there).toEqual([{ id: live.sessionId }]);
});

test('an emergency counts the sessions of operators with those of users', async () => {
  const operator = await signInOperator(service);
  const [row] = await query(`SELECT (SELECT COUNT(*) FROM admin_sessions)
    + (SELECT COUNT(*) FROM sessions WHERE revoked_at IS NULL) AS live`);
  expect(await endAllSessions(database, 'operator:test')).toBe(row?.['live']);
  expect((await operator.get('/admin/me')).status).toBe(303);
});
