// Counting in the database alone, and without it.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { databaseStore } from '#app/platform/limits/database-store.ts';
import { limitsOn, type Limits } from '#app/platform/limits/limits.ts';
import type { Store } from '#app/platform/limits/store.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { testSealing } from '../support/sealing.ts';
import { admittedIn, newBucket } from './support/buckets.ts';
import { callAll, untilTogether } from './support/processes.ts';

let testDatabase: TestDatabase;
let proxy: Proxy;
const lines: Record<string, unknown>[] = [];
const log = createLog(
  { LOG_LEVEL: 'info' },
  { write: (line: string) => void lines.push(JSON.parse(line)) },
);
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  proxy = await openProxy(new URL(testDatabase.url));
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});
afterAll(async () => {
  await proxy.close();
  await testDatabase.drop();
});

/** @param through what stands between it and its store: by default, patience with a slow machine */
async function openProcess(
  url: string,
  through = (store: Store): Store => ({ ...store, patience: 60_000 }),
): Promise<Limits> {
  const settings = { DATABASE_URL: url, DATABASE_POOL_SIZE: 3 };
  const database = await openDatabase({ settings, sealing: testSealing });
  const limits = limitsOn([through(databaseStore(database))], { log, database });
  closing.push(async () => {
    await limits.close();
    await database.close();
  });
  return limits;
}

function openProcesses(count: number): Promise<Limits[]> {
  return Promise.all(Array.from({ length: count }, () => openProcess(testDatabase.url)));
}

test('several processes admit exactly the limit, of many calls at once', async () => {
  const processes = await openProcesses(3);
  expect(await callAll(processes, newBucket({ points: 25 }), 60)).toBe(25);
});

test('of several limits, all are spent of or none, of many calls at once', async () => {
  const processes = await openProcesses(3);
  const [wide, narrow] = [newBucket({ points: 30 }), newBucket({ points: 20 })];
  const calls = processes.flatMap((limits) =>
    Array.from({ length: 10 }, () => limits.spend([wide, narrow])),
  );
  expect(admittedIn(await Promise.all(calls))).toBe(20);
  expect(await callAll(processes, wide, 30)).toBe(10);
});

test('a refusal is remembered while it holds, and asks nobody', async () => {
  let asked = 0;
  const limits = await openProcess(testDatabase.url, (store) => ({
    ...store,
    spend(buckets) {
      asked += 1;
      return store.spend(buckets);
    },
  }));
  const bucket = newBucket({ points: 3 });
  expect(await callAll([limits], bucket, 4)).toBe(3);
  expect(asked).toBe(4);
  expect(await callAll([limits], bucket, 50)).toBe(0);
  expect(asked).toBe(4);
  const { windows } = await limits.spend([bucket]);
  expect(windows[0]?.used).toBe(3);
  expect(windows[0]?.left).toBeLessThanOrEqual(60_000);

  // Whoever gets a larger limit meanwhile is asked about, and so is what another has left.
  expect((await limits.spend([{ ...bucket, points: 4 }])).admitted).toBe(true);
  expect((await limits.spend([bucket, newBucket()])).admitted).toBe(false);
  expect(asked).toBe(6);
});

test('a call whose answer comes too late is counted once', async () => {
  const answered = Promise.withResolvers<void>();
  let patience = 1;
  const limits = await openProcess(testDatabase.url, (store) => ({
    ...store,
    get patience() {
      return patience;
    },
    async spend(buckets) {
      const spending = await store.spend(buckets);
      await answered.promise;
      return spending;
    },
  }));
  const bucket = newBucket({ points: 10 });
  expect(await limits.spend([bucket])).toMatchObject({ admitted: true, together: false });
  patience = 60_000;
  answered.resolve();
  await untilTogether(limits);
  expect(await callAll([limits], bucket, 20)).toBe(9);
});

test('while the database is away, a process counts on alone; then all is counted', async () => {
  const [cutOff, other] = [await openProcess(proxy.url), await openProcess(testDatabase.url)];
  const bucket = newBucket({ points: 20 });
  expect(await callAll([cutOff], bucket, 5)).toBe(5);
  expect(await callAll([other], bucket, 3)).toBe(3);
  expect(await callAll([cutOff], bucket, 1)).toBe(1);
  expect(cutOff.problem).toBeUndefined();

  await proxy.cut();
  expect(await cutOff.spend([bucket])).toMatchObject({ admitted: true, together: false });
  expect(cutOff.problem).toBe('Limits are counted by each process alone.');
  // Of nine it knew, and spent one more.
  expect(await callAll([cutOff], bucket, 3)).toBe(3);

  await proxy.restore();
  await untilTogether(cutOff);
  expect(cutOff.problem).toBeUndefined();
  expect(await callAll([cutOff], bucket, 1)).toBe(1);
  expect((await other.spend([bucket])).windows[0]?.used).toBe(15);
  expect(await callAll([cutOff, other], bucket, 20)).toBe(5);
});

test('alone, a process admits no more than the limit', async () => {
  const process = await openProcess(proxy.url);
  await proxy.cut();
  expect(await callAll([process], newBucket({ points: 20 }), 50)).toBe(20);
  await proxy.restore();
  await untilTogether(process);
});

test('the log says when limits are counted elsewhere, once, and when it is over', async () => {
  lines.splice(0);
  const process = await openProcess(proxy.url);
  await proxy.cut();
  await callAll([process], newBucket(), 10);
  await callAll([process], newBucket(), 10);
  await proxy.restore();
  await untilTogether(process);
  const said = lines.filter(({ store }) => store === 'database').map(({ msg }) => msg);
  expect(said).toEqual(['limits are counted elsewhere', 'limits are counted there again']);
});
