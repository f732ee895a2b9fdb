import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RowDataPacket } from 'mysql2/promise';
import { openDatabase, type Database } from '#app/database/database.ts';
import { databaseStore } from '#app/platform/limits/database-store.ts';
import { prune } from '#app/platform/limits/pruning.ts';
import type { Store } from '#app/platform/limits/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';
import { newBucket } from './support/buckets.ts';
import { testStoreContract } from './support/store-contract.ts';

let testDatabase: TestDatabase;
let databases: Database[] = [];
let stores: Store[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 5 };
  const opening = Array.from({ length: 3 }, () => openDatabase({ settings, sealing: testSealing }));
  databases = await Promise.all(opening);
  stores = databases.map(databaseStore);
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await testDatabase.drop();
});

describe('the store in the database', () => {
  testStoreContract(() => stores);
});

test('what has ended a while ago is removed, and nothing else', async () => {
  const [database] = databases;
  const [store] = stores;
  const buckets = [newBucket(), newBucket(), newBucket()];
  for (const bucket of buckets) await store?.spend([bucket]);
  await age(buckets[0]?.key, 11);
  await age(buckets[1]?.key, 9);
  if (database !== undefined) await prune(database);
  expect(await Promise.all(buckets.map(({ key }) => isKept(key)))).toEqual([false, true, true]);
});

/** Has a window have ended so many minutes ago. */
async function age(key: string | undefined, minutes: number): Promise<void> {
  await testDatabase.connection.query(
    'UPDATE rate_limits SET ends_at = UTC_TIMESTAMP(3) - INTERVAL ? MINUTE WHERE bucket = ?',
    [minutes, Buffer.from(key ?? '', 'base64url')],
  );
}

async function isKept(key: string): Promise<boolean> {
  const [rows] = await testDatabase.connection.query<RowDataPacket[]>(
    'SELECT 1 FROM rate_limits WHERE bucket = ?',
    [Buffer.from(key, 'base64url')],
  );
  return rows.length === 1;
}
