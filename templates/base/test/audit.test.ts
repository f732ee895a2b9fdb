import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { requestContext } from '#app/http/request-context.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { auditLog } from '#app/platform/audit/models.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 3 },
  });
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const entriesOf = (actor: string) =>
  database.queries.select().from(auditLog).where(eq(auditLog.actor, actor));

test('an act is recorded with who, what, to whom, and in which request', async () => {
  const act = {
    actor: 'user:1',
    action: 'user.renamed',
    subject: 'user:2',
    detail: { fields: ['name'] },
  };
  const context = { requestId: 'a-request', logFields: {} };
  await requestContext.run(context, () => database.transaction((tx) => recordAct(tx, act)));
  expect(await entriesOf('user:1')).toEqual([
    { ...act, id: expect.any(Number), at: expect.any(Date), requestId: 'a-request' },
  ]);
});

test('what happens outside a request is recorded without one', async () => {
  await database.transaction((tx) => recordAct(tx, { actor: 'system', action: 'keys.retired' }));
  expect(await entriesOf('system')).toMatchObject([
    { subject: null, detail: null, requestId: null },
  ]);
});

test('an act that is undone leaves no entry', async () => {
  const undone = database.transaction(async (tx) => {
    await recordAct(tx, { actor: 'user:3', action: 'user.renamed' });
    throw new Error('no');
  });
  await expect(undone).rejects.toThrow('no');
  expect(await entriesOf('user:3')).toEqual([]);
});
