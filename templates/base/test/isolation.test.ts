// What one account has, no other sees, changes or removes, whatever it sends. The routes are those of
// the API's own document and the tables those of the database: a new one of either is in here by
// itself, or fails until it is.
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  fillTables,
  keysWithoutAccount,
  rowsOf,
  tablesOfAccounts,
  tablesWithoutAccount,
  uniqueAcrossAccounts,
} from './support/account-rows.ts';
import { keysOfAll, tablesOfNone } from './support/across-accounts.ts';
import type { RouteCall } from './support/route-call.ts';
import { routeCalls } from './support/route-calls.ts';
import { isIdName, routesForUsers } from './support/routes-with-ids.ts';
import { useService, type Answer } from './support/service.ts';
import type { Tenant } from './support/tenant.ts';
import { tenants } from './support/tenants.ts';

const service = useService();
const calls = new Map(Object.values(routeCalls).flatMap((each) => Object.entries(each)));
/** What was tried with ids of another account. */
const tried = new Set<string>();
const isId = (value: unknown) =>
  typeof value === 'string' && /^[\da-f]{8}-[\da-f-]{27}$/.test(value);

test('T1: each route that takes an id has a call that shows how', async () => {
  const { withIds } = await routesForUsers(service);
  expect([...calls.keys()].toSorted()).toEqual(withIds.toSorted());
});

test('T1: each table has an account_id, or is one of those that are no account’s', async () => {
  const without = await tablesWithoutAccount(connection());
  expect(without.toSorted()).toEqual(Object.keys(tablesOfNone).toSorted());
});

test('T1: what an account has taken, another can take too', async () => {
  const across = await uniqueAcrossAccounts(connection());
  expect(across.toSorted()).toEqual(Object.keys(keysOfAll).toSorted());
});

test('T1: no row can refer to one of another account', async () => {
  expect(await keysWithoutAccount(connection())).toEqual([]);
});

describe.each(Object.entries(tenants))('T1: %s', (_kind, openTenant) => {
  let ours: Tenant;
  let theirs: Tenant;
  /** What only the other account has. */
  let secrets: Set<string>;
  let theirIds: string[];

  beforeAll(async () => {
    ours = await openTenant(service);
    theirs = await openTenant(service);
    for (const { accountId } of [ours, theirs]) await fillTables(connection(), accountId);
    const own = new Set(await textsOf(ours));
    secrets = new Set((await textsOf(theirs)).filter((text) => !own.has(text)));
    theirIds = [...secrets].filter(isId);
  });

  test('both have a row in every table of accounts', async () => {
    const tables = await tablesOfAccounts(connection());
    for (const { accountId } of [ours, theirs]) {
      const rows = await rowsOf(connection(), accountId);
      expect(tables.filter((table) => rows[table]?.length === 0)).toEqual([]);
    }
    expect(theirIds.length).toBeGreaterThanOrEqual(2);
  });

  test('a route that takes no id shows nothing of the other account’s', async () => {
    const { without } = await routesForUsers(service);
    const reading = without.filter((name) => name.startsWith('get '));
    expect(reading).toContain('get /v1/auth/sessions');
    for (const name of reading) {
      const answer = await ours.get(name.slice('get '.length));
      expect([name, leakedIn(answer)]).toEqual([name, []]);
    }
  });

  test.for([...calls.keys()])('%s takes no id of the other account’s', async (name) => {
    const asking = await openTenant(service);
    const call = await callOf(name, asking);
    if (call === undefined) return;
    tried.add(name);
    const before = await rowsOf(connection(), theirs.accountId);
    const variants = withIdsOf(call, theirIds, [...secrets]);
    expect(variants.length).toBeGreaterThan(0);
    for (const { at, id, isUuid, call: foreign } of variants) {
      const answer = await send(asking, name, foreign);
      expect([name, at, leakedIn(answer, id)]).toEqual([name, at, []]);
      const refused = isUuid ? refusals[at] : [...refusals[at], 422];
      expect([name, at, answer.status]).toEqual([name, at, expect.toBeOneOf(refused)]);
    }
    expect(await rowsOf(connection(), theirs.accountId)).toEqual(before);
    // And it was not refused for another reason.
    expect((await send(asking, name, call)).status).toBeLessThan(300);
  });

  test('whose something is cannot be said by the body', async () => {
    const before = await rowsOf(connection(), theirs.accountId);
    for (const name of calls.keys()) {
      const { body, ...call } = (await callOf(name, ours)) ?? {};
      const claimed = { ...call, body: { ...body, accountId: theirs.accountId } };
      const { status } = body === undefined ? { status: 422 } : await send(ours, name, claimed);
      expect([name, status]).toEqual([name, expect.toBeOneOf(refusals.body)]);
    }
    expect(await rowsOf(connection(), theirs.accountId)).toEqual(before);
  });

  /** What only the other account has and the answer tells, but for what the question said. */
  function leakedIn({ body }: Answer, asked?: string): string[] {
    const text = JSON.stringify(body);
    return [...secrets].filter((secret) => secret !== asked && text.includes(secret));
  }
});

test('T1: every one of these calls is one that some kind of account makes', () => {
  expect([...tried].toSorted()).toEqual([...calls.keys()].toSorted());
});

/** The statuses that refuse somebody else's id there. A filter by it finds nothing. */
const refusals = { params: [404], query: [200, 404, 422], body: [404, 422] };

const connection = () => service.database.connection;

async function callOf(name: string, tenant: Tenant): Promise<RouteCall | undefined> {
  const make = calls.get(name);
  if (make === undefined) throw new Error(`There is no call of ${name}`);
  return make(tenant);
}

interface Variant {
  readonly at: 'params' | 'query' | 'body';
  readonly id: string;
  readonly isUuid: boolean;
  readonly call: RouteCall;
}

/**
 * The call with each id in it replaced by each of these, one at a time: one that is no UUID, such as a
 * slug in a path, by each text.
 */
function withIdsOf(call: RouteCall, ids: readonly string[], texts: readonly string[]): Variant[] {
  return (['params', 'query', 'body'] as const).flatMap((at) =>
    placesOf(call[at] ?? {}, at === 'params').flatMap(({ isUuid, put }) =>
      (isUuid ? [...ids, randomUUID()] : texts).map((id) => ({
        at,
        id,
        isUuid,
        call: { ...call, [at]: put(id) },
      })),
    ),
  );
}

interface Place {
  readonly isUuid: boolean;
  /** What was given, with another id there. */
  readonly put: (id: string) => object;
}

/** Where in what is given there is an id, at any depth. */
function placesOf(given: object, everything = false): Place[] {
  return Object.entries(given).flatMap(([key, value]: [string, unknown]): Place[] => {
    const put = (other: unknown): object =>
      Array.isArray(given)
        ? given.map((each: unknown, index) => (String(index) === key ? other : each))
        : { ...given, [key]: other };
    if (isId(value) || (typeof value === 'string' && (everything || isIdName(key)))) {
      return [{ isUuid: isId(value), put }];
    }
    if (typeof value !== 'object' || value === null) return [];
    return placesOf(value, everything || isIdName(key)).map((within) => ({
      isUuid: within.isUuid,
      put: (id: string) => put(within.put(id)),
    }));
  });
}

function send(
  tenant: Tenant,
  name: string,
  { params = {}, query, body }: RouteCall,
): Promise<Answer> {
  const [method = '', template = ''] = name.split(' ');
  const path = template.replaceAll(/\{(\w+)\}/g, (_all, key: string) => params[key] ?? '');
  const search = query === undefined ? '' : `?${new URLSearchParams(query).toString()}`;
  const address = path + search;
  switch (method) {
    case 'get':
      return tenant.get(address);
    case 'post':
      return tenant.post(address, body);
    case 'patch':
      return tenant.patch(address, body);
    default:
      return tenant.delete(address, body);
  }
}

/** The texts in an account's rows, but for those that are too short to be told from others. */
async function textsOf({ accountId }: Tenant): Promise<string[]> {
  return textsIn(await rowsOf(connection(), accountId)).filter((text) => text.length >= 8);
}

/** Every text in what was read. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return [];
  return Object.values(value).flatMap(textsIn);
}
