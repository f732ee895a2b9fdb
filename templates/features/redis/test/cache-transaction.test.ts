// The cache in a handler that is one transaction, as that of an idempotent route is.
import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { openTestCache, ownPrefix, type TestCache } from './support/open-caches.ts';
import { testSealing } from './support/sealing.ts';

const minute = 60_000;
const options = { schema: z.string(), tags: ['names'] };
let testDatabase: TestDatabase;
let database: Database;
let opened: TestCache;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  const settings = { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 3 };
  database = await openDatabase({ settings, sealing: testSealing });
  opened = await openTestCache({ prefix: ownPrefix(), database });
});
afterAll(async () => {
  await opened.close();
  await database.close();
  await testDatabase.drop();
});

const remember = (value: string) =>
  opened.cache.remember('name', minute, async () => value, options);

test('what is loaded in there is for whoever asks, and what was there before is not for them', async () => {
  expect(await database.inOneTransaction(() => remember('not committed'))).toBe('not committed');
  expect(await remember('old')).toBe('old');
  expect(await database.inOneTransaction(() => remember('as it is in there'))).toBe(
    'as it is in there',
  );
  expect(await remember('never asked for')).toBe('old');
});

test('what is invalidated in there is invalidated by the commit, and by nothing before', async () => {
  const { cache } = opened;
  await cache.invalidate('names');
  expect(await remember('old')).toBe('old');
  const undone = database.inOneTransaction(async () => {
    await cache.invalidate('names');
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  expect(await remember('never asked for')).toBe('old');

  await database.inOneTransaction(async () => {
    await cache.invalidate('names');
    // Another request, which still sees what was there before the commit.
    expect(await outside(() => remember('never asked for'))).toBe('old');
  });
  expect(await remember('new')).toBe('new');
});

/** Does something as a request beside this one. */
const outside = AsyncLocalStorage.snapshot();
