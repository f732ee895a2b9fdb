import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { unlimited } from '#app/domains/billing/define-plans.ts';
import { openEntitlements } from '#app/domains/billing/entitlements.ts';
import { byPlan } from '#app/domains/billing/limits/by-plan.ts';
import { planPoints } from '#app/domains/billing/limits/plan-points.ts';
import { rememberPlans } from '#app/domains/billing/limits/remember-plans.ts';
import { freePlan, plans, type PlanName } from '#app/domains/billing/plans.ts';
import type { Caller } from '#app/http/limits/policy.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { testSealing } from '../support/sealing.ts';
import { useService } from '../support/service.ts';
import { askWho, signUp } from '../support/users.ts';

const service = useService({ RATE_LIMIT_POINTS: '7', RATE_LIMIT_ADDRESS_POINTS: '5' });
let proxy: Proxy;
let database: Database;

beforeAll(async () => {
  proxy = await openProxy(new URL(service.database.url));
  database = await openDatabase({
    settings: { DATABASE_URL: proxy.url, DATABASE_POOL_SIZE: 3 },
    sealing: testSealing,
  });
});
afterAll(async () => {
  await database.close();
  await proxy.close();
});

// The plans are the owner's to change: the tests take from them what they need.
const names = Object.keys(plans) as PlanName[];
const paidPlan = names.find((name) => name !== freePlan) ?? freePlan;

/** Has an account subscribed to a plan, as Stripe would tell it. */
async function subscribe(accountId: string): Promise<void> {
  await service.database.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status, price_plan,
       stripe_price_id, \`interval\`, quantity, current_period_end, paused)
     VALUES (?, ?, ?, 'active', ?, 'price_1', 'month', 1, UTC_TIMESTAMP(3) + INTERVAL 1 MONTH, 0)`,
    [accountId, newId(), `sub_${newId()}`, paidPlan],
  );
}

async function newAccount(): Promise<string> {
  const id = newId();
  await service.database.connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [
    id,
    'Ann',
  ]);
  return id;
}

async function accountOf(email: string): Promise<string> {
  const [rows] = await service.database.connection.query(
    'SELECT account_id AS accountId FROM users WHERE email = ?',
    [email],
  );
  const [user] = rows as { accountId: string }[];
  return user?.accountId ?? '';
}

/** A counter of the questions that it passes on. */
function counted() {
  const entitlements = openEntitlements({ database });
  const counter = {
    asked: 0,
    planOf(accountId: string): Promise<PlanName> {
      counter.asked += 1;
      return entitlements.planOf(accountId);
    },
  };
  return counter;
}

/** What headers say of the points of a plan. */
function policyOf(plan: PlanName): string | null {
  const points = planPoints[plan] ?? 7;
  return points === unlimited ? null : `"api";q=${points};w=60`;
}

test('an account has the points of its plan, on routes that have no limit of their own', async () => {
  const [free, paid] = [await signUp(service), await signUp(service)];
  await subscribe(await accountOf(paid.email));
  const stated = async ({ authorization }: typeof free) =>
    (await askWho(service, authorization)).headers.get('ratelimit-policy');
  expect(await stated(free)).toBe(policyOf(freePlan));
  expect(await stated(paid)).toBe(policyOf(paidPlan));
});

test('the points of a limit of its own are those of the plan, which may have no end', async () => {
  const billing = { entitlements: openEntitlements({ database }) };
  const table = Object.fromEntries(names.map((name) => [name, name === paidPlan ? unlimited : 3]));
  const points = byPlan(billing, table as Record<PlanName, number>);
  const pointsOf = (caller: Caller) => (typeof points === 'number' ? points : points(caller));
  const [free, paid] = [await newAccount(), await newAccount()];
  await subscribe(paid);
  expect(await pointsOf({ accountId: free })).toBe(3);
  expect(await pointsOf({ accountId: paid })).toBe(unlimited);
  expect(await pointsOf({ range: '10.0.0.0/24' })).toBe(3);
});

test('the plan of an account is read once in a while, and not at each call', async () => {
  const entitlements = counted();
  const planOf = rememberPlans(entitlements);
  const account = await newAccount();
  const plansSeen = await Promise.all(Array.from({ length: 20 }, () => planOf(account)));
  expect(new Set(plansSeen)).toEqual(new Set([freePlan]));
  expect(entitlements.asked).toBe(1);
  await planOf(await newAccount());
  expect(entitlements.asked).toBe(2);
});

test('a plan that changes counts when it is read again', async () => {
  const planOf = rememberPlans(counted(), 1);
  const account = await newAccount();
  expect(await planOf(account)).toBe(freePlan);
  await subscribe(account);
  await expect.poll(() => planOf(account)).toBe(paidPlan);
});

test('while the database is away, an account has the plan that it had, or the free one', async () => {
  const entitlements = counted();
  const planOf = rememberPlans(entitlements, 1);
  const account = await newAccount();
  await subscribe(account);
  expect(await planOf(account)).toBe(paidPlan);
  await proxy.cut();
  await expect
    .poll(async () => [await planOf(account), entitlements.asked > 1])
    .toEqual([paidPlan, true]);
  expect(await planOf(await newAccount())).toBe(freePlan);
  await proxy.restore();
});

test('Stripe can send as many events from one address as there are', async () => {
  for (let turn = 0; turn < 10; turn += 1) {
    const { status, headers } = await service.post('/webhooks/stripe', {});
    expect(status).not.toBe(429);
    expect(headers.get('ratelimit-policy')).toBeNull();
  }
});
