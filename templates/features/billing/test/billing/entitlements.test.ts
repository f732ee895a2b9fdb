import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { lockAccount } from '#app/domains/billing/account-lock.ts';
import {
  openEntitlements,
  withFeature,
  type Entitlements,
} from '#app/domains/billing/entitlements.ts';
import { featureNotInPlan } from '#app/domains/billing/errors.ts';
import { gracePolicy } from '#app/domains/billing/grace-policy.ts';
import { freePlan, plans, type Limit, type PlanName } from '#app/domains/billing/plans.ts';
import type { Guard } from '#app/http/route.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { testSealing } from '../support/sealing.ts';

let testDatabase: TestDatabase;
let database: Database;
let entitlements: Entitlements;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = await openDatabase({
    settings: { DATABASE_URL: testDatabase.url, DATABASE_POOL_SIZE: 10 },
    sealing: testSealing,
  });
  entitlements = openEntitlements({ database });
  await testDatabase.connection.query(
    'CREATE TABLE things (id INT AUTO_INCREMENT PRIMARY KEY, account_id CHAR(36) NOT NULL)',
  );
});
afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

// The plans are the owner's to change: the tests take from them what they need.
const names = Object.keys(plans) as PlanName[];
const paidPlan = names.find((name) => name !== freePlan);
const limits = Object.keys(plans[freePlan].limits) as Limit[];
const aLimit = limits.find((limit) => Number.isFinite(plans[freePlan].limits[limit]));

async function makeAccount(): Promise<string> {
  const id = newId();
  await testDatabase.connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [id, 'Ann']);
  return id;
}

/** An account with a subscription whose payment has been owed for so many days. */
async function subscribed(
  changes: { plan?: string | null; status?: string; quantity?: number; paused?: boolean } = {},
  owedDays?: number,
  accountId?: string,
): Promise<string> {
  const account = accountId ?? (await makeAccount());
  const { plan = paidPlan, status = 'active', quantity = 1, paused = false } = changes;
  await testDatabase.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status, price_plan,
       stripe_price_id, \`interval\`, quantity, current_period_end, paused, past_due_since,
       created_at)
     VALUES (?, ?, ?, ?, ?, 'price_1', 'month', ?, UTC_TIMESTAMP(3), ?,
       UTC_TIMESTAMP(3) - INTERVAL ? SECOND, UTC_TIMESTAMP(3))`,
    [
      account,
      newId(),
      `sub_${newId()}`,
      status,
      plan,
      quantity,
      paused,
      owedDays === undefined ? null : owedDays * 86_400,
    ],
  );
  return account;
}

test('an account that pays for nothing has the free plan', async () => {
  expect(await entitlements.planOf(await makeAccount())).toBe(freePlan);
});

test.for(['active', 'trialing'])('a subscription that is %s gives its plan', async (status) => {
  expect(await entitlements.planOf(await subscribed({ status }))).toBe(paidPlan);
});

test.for(['incomplete', 'incomplete_expired', 'unpaid', 'canceled', 'paused', 'unheard_of'])(
  'one that is %s gives nothing',
  async (status) => {
    expect(await entitlements.planOf(await subscribed({ status }))).toBe(freePlan);
  },
);

test('one whose collection is paused gives its plan: it is given away for a while', async () => {
  expect(await entitlements.planOf(await subscribed({ paused: true }))).toBe(paidPlan);
  const owed = { status: 'past_due', paused: true };
  expect(await entitlements.planOf(await subscribed(owed, 1))).toBe(paidPlan);
  expect(await entitlements.planOf(await subscribed({ status: 'paused' }))).toBe(freePlan);
});

test('while a payment is owed the plan is kept for the days of grace, and no longer', async () => {
  const status = 'past_due';
  const { days } = gracePolicy;
  expect(await entitlements.planOf(await subscribed({ status }, days - 0.01))).toBe(paidPlan);
  expect(await entitlements.planOf(await subscribed({ status }, days + 0.01))).toBe(freePlan);
});

test('a price that no plan has gives nothing', async () => {
  expect(await entitlements.planOf(await subscribed({ plan: null }))).toBe(freePlan);
  expect(await entitlements.planOf(await subscribed({ plan: 'toString' }))).toBe(freePlan);
});

test('which plan a price is for is decided when it is read, by its lookup key first', async () => {
  const account = await subscribed({ plan: 'a_key_that_was_changed' });
  const lookupKey = Object.values(plans[paidPlan ?? freePlan].prices)[0]?.lookupKey;
  expect(await entitlements.planOf(account)).toBe(freePlan);
  await testDatabase.connection.query(
    'UPDATE billing_subscriptions SET price_lookup_key = ? WHERE account_id = ?',
    [lookupKey, account],
  );
  expect(await entitlements.planOf(account)).toBe(paidPlan);
});

test('of several subscriptions the newest counts that is live, whatever its plan', async () => {
  const account = await makeAccount();
  let age = names.length + 1;
  const add = async (plan: string, status?: string): Promise<void> => {
    await subscribed({ plan, ...(status !== undefined && { status }) }, undefined, account);
    age -= 1;
    await testDatabase.connection.query(
      `UPDATE billing_subscriptions SET created_at = UTC_TIMESTAMP(3) - INTERVAL ? DAY
       WHERE account_id = ? AND created_at > UTC_TIMESTAMP(3) - INTERVAL 1 HOUR`,
      [age, account],
    );
  };
  for (const plan of [...names].toReversed()) {
    await add(plan);
    expect(await entitlements.planOf(account)).toBe(plan);
  }
  await add(names.at(-1) ?? '', 'incomplete');
  await add(names.at(-1) ?? '', 'canceled');
  expect(await entitlements.planOf(account)).toBe(names[0]);
});

test('nobody has what another account pays for', async () => {
  await subscribed();
  expect(await entitlements.planOf(await makeAccount())).toBe(freePlan);
});

test('features and limits are those of the plan; seats that are paid for are counted', async () => {
  for (const name of names) {
    const account = await subscribed({ plan: name, quantity: 7 });
    const { features, perSeat } = plans[name];
    for (const feature of Object.values(plans).flatMap((plan) => plan.features)) {
      expect(await entitlements.can(account, feature)).toBe(features.includes(feature));
    }
    for (const limit of limits) {
      const seats = limit === 'seats' && perSeat;
      expect(await entitlements.limit(account, limit)).toBe(seats ? 7 : plans[name].limits[limit]);
    }
  }
});

test.for([
  ['trial', paidPlan, { status: 'trialing' }, undefined],
  ['paid', paidPlan, { status: 'active' }, undefined],
  ['grace', paidPlan, { status: 'past_due' }, gracePolicy.days - 1],
  ['not_paid', freePlan, { status: 'past_due' }, gracePolicy.days + 1],
  ['not_paid', freePlan, { status: 'unpaid' }, undefined],
  ['unknown_price', freePlan, { plan: null }, undefined],
  ['not_subscribed', freePlan, { status: 'canceled' }, undefined],
] as const)('it says why: %s', async ([grounds, plan, changes, owedDays]) => {
  const account = await subscribed(changes, owedDays);
  const inForce = await entitlements.explain(account);
  expect(inForce).toMatchObject({ grounds, plan, features: plans[plan ?? freePlan].features });
  expect(inForce.subscription === undefined).toBe(grounds === 'not_subscribed');
  for (const limit of limits) {
    expect(inForce.limits[limit]).toBe(await entitlements.limit(account, limit));
  }
});

test('a feature or limit that no plan has does not compile', async () => {
  const account = await makeAccount();
  // @ts-expect-error: no plan has a feature of this name
  expect(await entitlements.can(account, 'exprots')).toBe(false);
  // @ts-expect-error: nor a limit
  expect(await entitlements.limit(account, 'projcets')).toBeUndefined();
});

test('a route that needs a feature answers those whose plan has it, and refuses the others', async () => {
  const feature = Object.values(plans).flatMap((plan) => plan.features)[0];
  const owner = names.find((name) => feature && plans[name].features.includes(feature));
  if (feature === undefined) return;
  const guardOf = (accountId: string): Guard<{ accountId: string }> =>
    withFeature(
      { scheme: 'bearer', check: async () => ({ accountId }) },
      { entitlements },
      feature,
    );
  const asked = { method: 'get', path: '/' } as const;
  const request = { requestId: '1', ip: '127.0.0.1', headers: {}, route: asked };

  const has = await subscribed({ plan: owner ?? null });
  expect(await guardOf(has).check(request)).toEqual({ accountId: has });
  expect(guardOf(has).scheme).toBe('bearer');
  const lacks = await makeAccount();
  await expect(guardOf(lacks).check(request)).rejects.toMatchObject({ kind: featureNotInPlan });
});

/** What a service does that lets an account have so many things and no more. */
function addThing(accountId: string, limit: Limit): Promise<void> {
  return database.transaction(async (tx) => {
    await entitlements.withinLimit(tx, accountId, limit, () => countThings(accountId, tx));
    await tx.execute(`INSERT INTO things (account_id) VALUES ('${accountId}')`);
  });
}

async function countThings(
  accountId: string,
  on: Pick<Database['queries'], 'execute'> = database.queries,
): Promise<number> {
  const [rows] = await on.execute(
    `SELECT COUNT(*) AS n FROM things WHERE account_id = '${accountId}'`,
  );
  return Number((rows as unknown as RowDataPacket[])[0]?.['n']);
}

async function addAtOnce(count: number, accountId: string): Promise<string[]> {
  if (aLimit === undefined) return [];
  const adding = Array.from({ length: count }, () => addThing(accountId, aLimit));
  const results = await Promise.allSettled(adding);
  return results.map((result) =>
    result.status === 'fulfilled' ? 'added' : String(result.reason.kind?.code ?? result.reason),
  );
}

test.runIf(aLimit)(
  'nobody waits for a handler that waits for Stripe, to add one more',
  async () => {
    const account = await subscribed();
    await database.transaction((tx) => lockAccount(tx, account));
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<void>();
    const handler = database.transaction(async (tx) => {
      await lockAccount(tx, account);
      asked.resolve();
      await answered.promise;
    });
    await asked.promise;
    try {
      await addThing(account, aLimit ?? 'seats');
    } finally {
      answered.resolve();
      await handler;
    }
    expect(await countThings(account)).toBe(1);
  },
);

test.runIf(aLimit)(
  'of twenty at once exactly as many get through as the limit allows',
  async () => {
    const most = plans[freePlan].limits[aLimit ?? 'seats'];
    // The first finds no row of its account to lock; the second account's is there.
    for (const account of [await makeAccount(), await subscribed({ status: 'canceled' })]) {
      const results = await addAtOnce(most + 20, account);
      const refused = results.filter((result) => result === 'plan_limit_reached');
      expect(refused).toHaveLength(20);
      expect(results.filter((result) => result === 'added')).toHaveLength(most);
      expect(await countThings(account)).toBe(most);
    }
  },
);

test.runIf(aLimit)(
  'sixty that are all refused are all told so, and none as deadlocked',
  async () => {
    const account = await makeAccount();
    const most = plans[freePlan].limits[aLimit ?? 'seats'];
    for (let made = 0; made < most; made += 1) {
      await testDatabase.connection.query('INSERT INTO things (account_id) VALUES (?)', [account]);
    }
    expect(new Set(await addAtOnce(60, account))).toEqual(new Set(['plan_limit_reached']));
  },
);
