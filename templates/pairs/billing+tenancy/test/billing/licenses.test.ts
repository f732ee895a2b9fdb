// What is paid for and what is granted are one license, by which billing judges as well.
import { beforeEach, expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { withFeature } from '#app/domains/billing/entitlements.ts';
import { featureNotInPlan, planLimitReached } from '#app/domains/billing/errors.ts';
import { freePlan, plans, type Feature, type PlanName } from '#app/domains/billing/plans.ts';
import type { Guard } from '#app/http/route.ts';
import { newAddress, newOrganization } from '../organizations/support/organizations.ts';
import { grantTo, revokeFrom, useLicenses } from '../licenses/support/licenses.ts';

// Without seats that every organization has.
const licenses = useLicenses({ ORGANIZATION_SEATS: '' });

// The plans are the owner's to change: the tests take from them what they need.
const names = Object.keys(plans) as PlanName[];
const perSeat = names.find((name) => plans[name].perSeat);
const paid = names.filter((name) => name !== freePlan);
const free = plans[freePlan];
const features: readonly Feature[] = paid.flatMap((name) => plans[name].features);
const feature = features.find((each) => !free.features.some((one) => one === each));

let accountId: string;
beforeEach(async () => {
  accountId = (await newOrganization(licenses.service)).accountId;
});

const inForce = () => licenses.services.licenses.of(accountId);

async function subscribe(plan: PlanName, quantity: number): Promise<void> {
  await licenses.service.database.connection.query(
    `INSERT INTO billing_subscriptions (account_id, id, stripe_subscription_id, status, price_plan,
       stripe_price_id, \`interval\`, quantity, current_period_end, paused, created_at)
     VALUES (?, ?, ?, 'active', ?, 'price_1', 'month', ?, UTC_TIMESTAMP(3), 0, UTC_TIMESTAMP(3))`,
    [accountId, newId(), `sub_${newId()}`, plan, quantity],
  );
}

test('who pays for nothing is licensed to the free plan', async () => {
  expect(await inForce()).toEqual({
    source: 'none',
    plan: freePlan,
    seats: free.limits.seats,
    entitlements: free.features,
    expiresAt: undefined,
  });
});

test('a plan gives its features and seats', async () => {
  for (const plan of paid) {
    await subscribe(plan, 7);
    const { features: own, limits } = plans[plan];
    const seats = plans[plan].perSeat ? 7 : limits.seats;
    expect(await inForce()).toMatchObject({ source: 'plan', plan, seats, entitlements: own });
    await licenses.services.licenses.requireActive(accountId);
    await licenses.service.database.connection.query(
      "UPDATE billing_subscriptions SET status = 'canceled' WHERE account_id = ?",
      [accountId],
    );
  }
});

test.runIf(perSeat)('of the seats that are paid for and granted the most count', async () => {
  await subscribe(perSeat ?? freePlan, 3);
  const expiresAt = new Date('2100-01-01');
  const few = await grantTo(licenses, accountId, { seats: 2, expiresAt });
  // It goes on as paid for when the grant has ended.
  const paidFor = { source: 'plan', plan: perSeat, seats: 3, expiresAt: undefined };
  expect(await inForce()).toMatchObject(paidFor);
  await grantTo(licenses, accountId, { seats: 5 });
  expect((await inForce()).seats).toBe(5);
  await revokeFrom(licenses, accountId, few);
  expect(await licenses.services.billing.entitlements.limit(accountId, 'seats')).toBe(5);
});

test('an organization invites as many as its plan has seats for', async () => {
  const { owner } = await newOrganization(licenses.service);
  const invited = () =>
    owner.acting.post('/v1/organizations/current/invitations', {
      email: newAddress(),
      role: 'member',
    });
  for (let taken = 1; taken < Math.min(free.limits.seats, 4); taken += 1) {
    expect((await invited()).status).toBe(201);
  }
  const expected = free.limits.seats < 4 ? [409, 'seats_taken'] : [201, undefined];
  const { status, body } = await invited();
  expect([status, body.code]).toEqual(expected);
});

test.runIf(feature)('a feature that is granted is one that billing lets through', async () => {
  if (feature === undefined) return;
  const { billing } = licenses.services;
  const signedIn: Guard<{ accountId: string }> = {
    scheme: 'bearer',
    check: async () => ({ accountId }),
  };
  const guard = withFeature(signedIn, billing, feature);
  const route = { method: 'get', path: '/' } as const;
  const request = { requestId: '1', ip: '127.0.0.1', headers: {}, route };
  const refusal = { kind: featureNotInPlan };

  await expect(guard.check(request)).rejects.toMatchObject(refusal);
  const id = await grantTo(licenses, accountId, { entitlements: [feature] });
  expect(await guard.check(request)).toEqual({ accountId });
  expect(await billing.entitlements.can(accountId, feature)).toBe(true);
  expect(await billing.entitlements.planOf(accountId)).toBe(freePlan);
  await revokeFrom(licenses, accountId, id);
  await expect(guard.check(request)).rejects.toMatchObject(refusal);
});

test('a limit of seats is that of the license', async () => {
  const { billing, database } = licenses.services;
  const most = Math.max(free.limits.seats, 5);
  await grantTo(licenses, accountId, { seats: most });
  const another = (count: number) =>
    database.transaction((tx) =>
      billing.entitlements.withinLimit(tx, accountId, 'seats', async () => count),
    );
  await another(most - 1);
  await expect(another(most)).rejects.toMatchObject({ kind: planLimitReached });
});
