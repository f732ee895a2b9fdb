import { randomBytes } from 'node:crypto';
import { drizzle } from 'drizzle-orm/mysql2';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { beforeAll, expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { findCustomers } from '#app/domains/admin/pages/customers/find-customers.ts';
import { idSearch } from '#app/domains/admin/pages/customers/id-search.ts';
import type { Services } from '#app/lifecycle.ts';
import { useService } from '../support/service.ts';
import { addCustomer } from './support/customers.ts';
import { useOperator } from './support/operator.ts';
import { unescape } from './support/page.ts';

const service = useService();
const operator = useOperator(service, 'read-only');

/** A beginning of addresses that belongs to one test. */
const beginning = (): string => randomBytes(4).toString('hex');

async function search(q: string, cursor?: string) {
  const parameters = new URLSearchParams({ q, ...(cursor !== undefined && { cursor }) });
  const { status, body } = await operator.get(`/admin/customers?${parameters.toString()}`);
  expect(status).toBe(200);
  return shownOn(String(body));
}

/** The addresses that a page lists, and the cursor of the page after it. */
function shownOn(page: string) {
  const emails = [...page.matchAll(/<a href="\/admin\/customers\/[^"]+">([^<]*)<\/a>/g)].map(
    ([, email]) => email,
  );
  const next = /<a href="([^"]+)" rel="next"/.exec(page)?.[1];
  const cursor = next && new URL(unescape(next), service.url).searchParams.get('cursor');
  return { emails, cursor: cursor ?? undefined };
}

test('a customer is found by the beginning of the address, in whatever case it is typed', async () => {
  const start = beginning();
  await addCustomer(service.database, `${start}-ann@example.com`);
  await addCustomer(service.database, `${start}-bob@example.com`);
  await addCustomer(service.database, `x${start}-eve@example.com`);
  expect((await search(`  ${start.toUpperCase()}-`)).emails).toEqual([
    `${start}-ann@example.com`,
    `${start}-bob@example.com`,
  ]);
});

test('an address that is given whole comes before those that only begin with it', async () => {
  const start = beginning();
  for (const ending of ['com.example', 'co', 'com']) {
    await addCustomer(service.database, `${start}@example.${ending}`);
  }
  const { emails } = await search(`${start}@example.com`);
  expect(emails).toEqual([`${start}@example.com`, `${start}@example.com.example`]);
});

test('a customer is found by the id of the person and of the account', async () => {
  const { id, accountId, email } = await addCustomer(service.database);
  expect((await search(id)).emails).toEqual([email]);
  expect((await search(accountId.toUpperCase())).emails).toEqual([email]);
});

test('an id that nobody has finds nobody', async () => {
  const { emails } = await search(newId());
  expect(emails).toEqual([]);
});

test.each(['%', '_', '!', '\\', "'", '"', '!%', '\\%', '%%%'])(
  'what stands for any text in SQL is searched for as it is: %s',
  async (wild) => {
    const start = beginning();
    await addCustomer(service.database, `${start}xa@example.com`);
    await addCustomer(service.database, `${start}${wild}a@example.com`);
    expect((await search(`${start}${wild}`)).emails.length).toBe(1);
    expect((await search(`${wild}${start}`)).emails).toEqual([]);
  },
);

test('pages follow each other without a gap or a repetition, by address', async () => {
  const start = beginning();
  const emails = Array.from({ length: 120 }, (_, n) => `${start}${100 + n}@example.com`);
  for (const email of emails) await addCustomer(service.database, email);
  expect(await walk(start)).toEqual(emails);
});

test('who registers while the pages are turned neither hides nor repeats anybody', async () => {
  const start = beginning();
  const emails = Array.from({ length: 60 }, (_, n) => `${start}${100 + n}@example.com`);
  for (const email of emails) await addCustomer(service.database, email);
  const first = await search(start);
  await addCustomer(service.database, `${start}000@example.com`);
  const second = await search(start, first.cursor);
  expect([...first.emails, ...second.emails]).toEqual(emails);
});

test('without a search the newest come first, also of those who registered at the same time', async () => {
  const now = Date.now() + 60_000;
  const added: string[] = [];
  for (let n = 0; n < 60; n += 1) {
    // Ten of them at each moment.
    added.push((await addCustomer(service.database, undefined, now + Math.floor(n / 10))).email);
  }
  const first = await search('');
  await addCustomer(service.database, undefined, now + 1000);
  const second = await search('', first.cursor);
  const seen = [...first.emails, ...second.emails].slice(0, 60);
  expect(first.emails.length).toBe(50);
  expect(new Set(seen)).toEqual(new Set(added));
  // Those of the last moment are the first ten.
  expect(new Set(seen.slice(0, 10))).toEqual(new Set(added.slice(50)));
});

test.each([
  ['', 'not-an-id'],
  ['', "' OR 1=1 --"],
  ['zz', '~~@example.com'],
])('a cursor that cannot be one gives the first page: %s, %s', async (q, cursor) => {
  await addCustomer(service.database, `zz${beginning()}@example.com`);
  expect(await search(q, cursor)).toEqual(await search(q));
});

test('the search is a form that works without a script', async () => {
  const { body } = await operator.get('/admin/customers');
  expect(body).toMatch(/<form method="get" action="\/admin\/customers" role="search"/);
  expect(body).toContain('user or account id');
});

/** All pages of a search, one after the other. */
async function walk(q: string): Promise<(string | undefined)[]> {
  const all: (string | undefined)[] = [];
  let cursor: string | undefined;
  do {
    const page = await search(q, cursor);
    all.push(...page.emails);
    cursor = page.cursor;
  } while (cursor !== undefined);
  return all;
}

const many = 5000;

/** What a search sends to the database: its statements, and how many rows it has read for them. */
async function readFor(text: string, cursor?: string) {
  const connection = await createConnection({ uri: service.database.url, timezone: 'Z' });
  try {
    const statements: { sql: string; params: unknown[] }[] = [];
    const logQuery = (sql: string, params: unknown[]) => void statements.push({ sql, params });
    const queries = drizzle({ client: connection, logger: { logQuery } });
    // Only the database is used here.
    const services = { database: { queries } } as unknown as Services;
    await connection.query('FLUSH STATUS');
    const page = await findCustomers(services, [idSearch], { text, cursor });
    const [reads] = await connection.query<(RowDataPacket & { Value: string })[]>(
      "SHOW SESSION STATUS LIKE 'Handler_read%'",
    );
    const plans: RowDataPacket[] = [];
    for (const { sql, params } of statements) {
      const [rows] = await connection.query<RowDataPacket[]>(
        `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
        params,
      );
      plans.push(...rows.filter(({ table }) => table === 'users'));
    }
    return { page, plans, rows: reads.reduce((sum, { Value }) => sum + Number(Value), 0) };
  } finally {
    await connection.end();
  }
}

beforeAll(async () => {
  // A great many with one beginning, and some with others: a share of all that a plan has to stand.
  const customers = Array.from({ length: many }, (_, n) => ({
    id: newId(1_700_000_000_000 + n),
    accountId: newId(1_700_000_000_000 + n),
    email: `${n % 20 === 0 ? 'q' : 'u'}${String(n).padStart(6, '0')}@example.com`,
  }));
  const { connection } = service.database;
  await connection.query('INSERT INTO accounts (id, name) VALUES ?', [
    customers.map(({ accountId }) => [accountId, 'many']),
  ]);
  await connection.query('INSERT INTO users (id, account_id, email, password_hash) VALUES ?', [
    customers.map(({ id, accountId, email }) => [id, accountId, email, '']),
  ]);
  await connection.query('ANALYZE TABLE users');
});

test.each([
  ['the first page', ''],
  ['one letter, with which most begin', 'u'],
  ['one letter, with which few begin', 'q'],
  ['the beginning of an address', 'u0012'],
  ['a whole address', 'u001201@example.com'],
  ['what nobody has', 'nobody@example.com'],
  ['what lies within addresses', '%example%'],
  ['an id that nobody has', newId()],
])('no search reads more rows than it shows: %s', async (_, text) => {
  const { page, plans, rows } = await readFor(text);
  // Each row is read once in the index and once by its key, and two statements look before that.
  expect(rows).toBeLessThanOrEqual(400);
  expect(plans.length).toBeGreaterThan(0);
  for (const { type } of plans) expect(String(type).toLowerCase()).not.toBe('all');

  if (page.next === undefined) return;
  const deep = await readFor(text, page.next);
  expect(deep.rows).toBeLessThanOrEqual(400);
});

test('the rows of a search by address are chosen from the index of the addresses alone', async () => {
  const { plans } = await readFor('u');
  const chosen = plans.find(({ key }) => key === 'users_email');
  expect(chosen?.['type']).toBe('range');
  expect(String(chosen?.['Extra'])).toContain('Using index');
});
