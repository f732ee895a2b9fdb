import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { lockAccount } from '#app/domains/billing/account-lock.ts';
import { firstTime } from '#app/domains/billing/effects.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 20 },
    sealing: testSealing,
  });
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

test('twenty who lock an account that has no billing yet come one after the other', async () => {
  for (let round = 0; round < 5; round += 1) {
    const id = newId();
    await testDatabase.connection.query("INSERT INTO accounts (id, name) VALUES (?, 'a')", [id]);
    let inside = 0;
    const runs: number[] = [];
    const lock = (index: number) =>
      database.transaction(async (tx) => {
        runs[index] = (runs[index] ?? 0) + 1;
        await lockAccount(tx, id);
        inside += 1;
        expect(inside).toBe(1);
        try {
          // Its foreign key wants the account, which those who come first hold as well.
          await firstTime(tx, id, `effect ${index}`);
        } finally {
          inside -= 1;
        }
      });
    await Promise.all(Array.from({ length: 20 }, (_, index) => lock(index)));
    expect(Math.max(...runs)).toBeLessThanOrEqual(2);
  }
});
