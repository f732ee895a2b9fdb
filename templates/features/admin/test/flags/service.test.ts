import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { defineFlags } from '#app/domains/flags/define-flags.ts';
import type { featureFlags } from '#app/domains/flags/models.ts';
import { openDeclaredFlags, type Flags } from '#app/domains/flags/service.ts';
import { createLog } from '#app/log.ts';
import { testSealing } from '../support/sealing.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';

const declared = defineFlags({
  newEditor: { description: 'The editor that saves while one types' },
  oldReports: { description: 'Reports as they were', default: 'on' },
});
type Process = Flags<keyof typeof declared>;

const actor = 'admin:somebody';
const on = { state: 'on', percentage: 0, on: [], off: [] } as const;
const off = { ...on, state: 'off' } as const;
const soon = { timeout: 10_000 };

let database: TestDatabase;
let proxy: Proxy;
let log: Record<string, unknown>[];
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  proxy = await openProxy(new URL(database.url));
});
afterAll(async () => {
  await proxy.close();
  await database.drop();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  await database.connection.query('DELETE FROM feature_flags');
});

/** What one process of the service has. `log` is that of the last one. */
async function openProcess(
  url = database.url,
  options: { pause?: number; through?: (connected: Database) => Database } = { pause: 50 },
): Promise<Process> {
  const { through = (same: Database) => same, ...rest } = options;
  const connected = await openDatabase({
    settings: { DATABASE_URL: url, DATABASE_POOL_SIZE: 3 },
    sealing: testSealing,
  });
  closing.push(() => connected.close());
  log = [];
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) };
  const flags = await openDeclaredFlags({
    declared,
    database: through(connected),
    log: createLog({ LOG_LEVEL: 'info' }, destination),
    ...rest,
  });
  closing.push(() => flags.close());
  return flags;
}

const revisionOf = async (flags: Process, name: string): Promise<string | undefined> =>
  (await flags.find(name)).revision;

async function acts(): Promise<RowDataPacket[]> {
  const [rows] = await database.connection.query<RowDataPacket[]>(
    "SELECT actor, action, subject, detail FROM audit_log WHERE action LIKE 'flag.%' ORDER BY id",
  );
  for (const row of rows) {
    // MariaDB keeps JSON as text.
    if (typeof row['detail'] === 'string') row['detail'] = JSON.parse(row['detail']);
  }
  return rows;
}

test('a flag is as it is declared until somebody sets it', async () => {
  const flags = await openProcess();
  expect([flags.isOn('newEditor', 'one'), flags.isOn('oldReports', 'one')]).toEqual([false, true]);
  // @ts-expect-error a name that is not declared does not compile
  expect(flags.isOn('newEdittor', 'one')).toBe(false);
});

test('what is set counts here at once, and a moment later in another process', async () => {
  const [here, there] = [await openProcess(), await openProcess(database.url, {})];
  await here.set({ actor, name: 'newEditor', expected: undefined, settings: on });
  expect(here.isOn('newEditor', 'one')).toBe(true);
  await expect.poll(() => there.isOn('newEditor', 'one'), soon).toBe(true);
  expect(there.isOn('oldReports', 'one')).toBe(true);

  const expected = await revisionOf(there, 'newEditor');
  await there.set({ actor, name: 'newEditor', expected, settings: { ...off, on: ['one'] } });
  expect(['one', 'two'].map((id) => there.isOn('newEditor', id))).toEqual([true, false]);
  await expect.poll(() => here.isOn('newEditor', 'two'), soon).toBe(false);
  expect(here.isOn('newEditor', 'one')).toBe(true);
});

test('a process that starts knows what was set before', async () => {
  const here = await openProcess();
  await here.set({ actor, name: 'newEditor', expected: undefined, settings: on });
  expect((await openProcess()).isOn('newEditor', 'one')).toBe(true);
});

test('a change that becomes visible after later ones is not missed', async () => {
  const flags = await openProcess();
  await database.connection.beginTransaction();
  await database.connection.query(
    `INSERT INTO feature_flags (name, revision, state, percentage, lists, updated_at)
     VALUES ('newEditor', ?, 'on', 0, '{"on":[],"off":[]}', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)`,
    [randomUUID()],
  );
  await flags.set({ actor, name: 'oldReports', expected: undefined, settings: off });
  expect([flags.isOn('newEditor', 'one'), flags.isOn('oldReports', 'one')]).toEqual([false, false]);
  await database.connection.commit();
  await expect.poll(() => flags.isOn('newEditor', 'one'), soon).toBe(true);
});

test('what was read before a change does not replace what was read after it', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  let [holding, held] = [false, 0];
  /** Keeps what the next look reads until it is released. */
  const through = (connected: Database): Database => {
    const select = (fields: object) => ({
      async from(table: typeof featureFlags) {
        const rows = await connected.queries.select(fields as never).from(table);
        if (holding && held++ === 0) await released;
        return rows;
      },
    });
    const queries = new Proxy(connected.queries, {
      get: (target, key) =>
        key === 'select'
          ? (fields?: object) => (fields === undefined ? target.select() : select(fields))
          : Reflect.get(target, key),
    });
    return { ...connected, queries };
  };
  const flags = await openProcess(database.url, { pause: 50, through });
  holding = true;
  await expect.poll(() => held, soon).toBe(1);
  const setting = flags.set({ actor, name: 'newEditor', expected: undefined, settings: on });
  await expect.poll(() => revisionOf(flags, 'newEditor'), soon).toBeDefined();
  release();
  await setting;
  await setImmediate();
  expect(flags.isOn('newEditor', 'one')).toBe(true);
});

test('a flag whose row is gone is again as it is declared', async () => {
  const [here, there] = [await openProcess(), await openProcess()];
  await here.set({ actor, name: 'oldReports', expected: undefined, settings: off });
  await expect.poll(() => there.isOn('oldReports', 'one'), soon).toBe(false);
  await database.connection.query('DELETE FROM feature_flags');
  await expect.poll(() => there.isOn('oldReports', 'one'), soon).toBe(true);
});

test('without the database at the start flags are as declared, the log says so, and they follow later', async () => {
  const here = await openProcess();
  await here.set({ actor, name: 'newEditor', expected: undefined, settings: on });
  await proxy.cut();
  const there = await openProcess(proxy.url);
  expect([there.isOn('newEditor', 'one'), there.isOn('oldReports', 'one')]).toEqual([false, true]);
  expect(log.map(({ msg }) => msg)).toContain(
    'until the flags can be read they are as they are declared',
  );
  await proxy.restore();
  await expect.poll(() => there.isOn('newEditor', 'one'), soon).toBe(true);
});

test('when the database goes away flags stay as they were, asked without a query', async () => {
  const [here, there] = [await openProcess(), await openProcess(proxy.url)];
  await here.set({ actor, name: 'newEditor', expected: undefined, settings: on });
  await expect.poll(() => there.isOn('newEditor', 'one'), soon).toBe(true);
  await proxy.cut();
  await expect.poll(() => log.filter(({ loop }) => loop === 'flags'), soon).toHaveLength(1);
  expect(there.isOn('newEditor', 'one')).toBe(true);

  const expected = await revisionOf(here, 'newEditor');
  await here.set({ actor, name: 'newEditor', expected, settings: off });
  await proxy.restore();
  await expect.poll(() => there.isOn('newEditor', 'one'), soon).toBe(false);
});

test.each(['set before', 'never set'])(
  'of those who change a flag at once that was %s one does, and the others are told',
  async (when) => {
    const [here, there] = [await openProcess(), await openProcess()];
    const change = { actor, name: 'newEditor', settings: on };
    if (when === 'set before') await here.set({ ...change, expected: undefined });
    const expected = await revisionOf(there, 'newEditor');
    const before = (await acts()).length;
    const attempts = [here, there, here, there, here, there].map((flags) =>
      flags.set({ ...change, expected }),
    );
    const refusals = (await Promise.allSettled(attempts)).flatMap((result) =>
      result.status === 'rejected' ? [result.reason.kind.code] : [],
    );
    expect(refusals).toEqual(Array.from({ length: 5 }, () => 'flag_changed'));
    expect((await acts()).length).toBe(before + 1);
  },
);

test('who has set what is in the audit log, with what was before', async () => {
  const flags = await openProcess();
  const lists = { on: ['one', 'two'], off: ['three'] };
  await flags.set({
    actor,
    name: 'oldReports',
    expected: undefined,
    settings: { ...on, ...lists },
  });
  await flags.set({
    actor,
    name: 'oldReports',
    expected: await revisionOf(flags, 'oldReports'),
    settings: { state: 'percentage', percentage: 25, on: ['two', 'four'], off: [] },
  });
  const [first, second] = (await acts()).slice(-2);
  expect(first).toEqual({
    actor,
    action: 'flag.set',
    subject: 'flag:oldReports',
    detail: {
      before: { state: 'on', percentage: 0 },
      after: { state: 'on', percentage: 0 },
      on: { added: ['one', 'two'], removed: [] },
      off: { added: ['three'], removed: [] },
    },
  });
  expect(second?.['detail']).toEqual({
    before: { state: 'on', percentage: 0 },
    after: { state: 'percentage', percentage: 25 },
    on: { added: ['four'], removed: ['one'] },
    off: { added: [], removed: ['three'] },
  });
});

test('what is set for a flag that is not declared has no effect, is told, and can be removed', async () => {
  const revision = randomUUID();
  await database.connection.query(
    `INSERT INTO feature_flags (name, revision, state, percentage, lists)
     VALUES ('gone', ?, 'on', 0, '{"on":[],"off":[]}')`,
    [revision],
  );
  const flags = await openProcess();
  expect(flags.isOn('gone' as 'newEditor', 'one')).toBe(false);
  expect((await flags.list()).map(({ name, declaration }) => [name, declaration])).toEqual([
    ['newEditor', declared.newEditor],
    ['oldReports', declared.oldReports],
    ['gone', undefined],
  ]);
  const change = { actor, name: 'gone', expected: revision };
  await expect(flags.find('gone')).rejects.toThrow('There is no such flag');
  await expect(flags.find('constructor')).rejects.toThrow('There is no such flag');
  await expect(flags.set({ ...change, settings: off })).rejects.toThrow('There is no such flag');
  const stale = { ...change, expected: randomUUID() };
  await expect(flags.remove(stale)).rejects.toThrow('The flag was changed since you saw it');
  await flags.remove(change);
  expect((await flags.list()).map(({ name }) => name)).toEqual(['newEditor', 'oldReports']);
  expect((await acts()).at(-1)).toMatchObject({ action: 'flag.removed', subject: 'flag:gone' });
});

test('a name that cannot be a flag’s is told at the start', () => {
  const description = 'One';
  expect(() => defineFlags({ 'new editor': { description } })).toThrow('“new editor”');
  expect(() => defineFlags({ ['x'.repeat(101)]: { description } })).toThrow('at most 100');
});
