// What an organization pays for is its own: by those of its members who may, and told to them.
import { beforeEach, expect, test } from 'vitest';
import { roleNames } from '#app/domains/organizations/roles.ts';
import {
  addMember,
  newOrganization,
  type TestMember,
  type TestOrganization,
} from '../organizations/support/organizations.ts';
import { describedRoutes } from '../support/all-routes.ts';
import { mailsIn, mailTo } from '../support/sent-mail.ts';
import { useBilling } from './support/billing.ts';
import { allProcessed, planPrices, select, sessionOf } from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });

const current = '/v1/organizations/current';
let organization: TestOrganization;
let owner: TestMember;

beforeEach(async () => {
  billing.stripe.heal();
  organization = await newOrganization(billing.service);
  ({ owner } = organization);
});

async function subscribe(by: TestMember = owner): Promise<void> {
  const choice = { plan: 'team', interval: 'month', quantity: 3 };
  const { body } = await by.acting.post('/v1/billing/checkout', choice);
  billing.stripe.pay(sessionOf(body));
  await allProcessed(billing);
}

function stripeId(): string {
  const own = [...billing.stripe.objects.subscriptions.values()].find(
    ({ metadata }) => metadata['account_id'] === organization.accountId,
  );
  return own?.id ?? '';
}

test('members see what the organization pays for, and those who manage it change it', async () => {
  const members = new Map<string, TestMember>();
  for (const role of roleNames) {
    members.set(role, await addMember(billing.service, organization, role));
  }
  const admin = members.get('admin');
  await subscribe(admin);
  for (const { acting } of members.values()) {
    const { status, body } = await acting.get('/v1/billing/subscription');
    expect([status, body.plan]).toEqual([200, 'team']);
  }
  const own = await billing.service.get('/v1/billing/subscription', owner.authorization);
  expect(own.body.plan).toBe('free');

  const all = await describedRoutes(billing.service, 'billing');
  const changing = all.filter(({ takesUser, method }) => takesUser && method !== 'get');
  expect(changing.length).toBeGreaterThanOrEqual(5);
  for (const { path } of changing) {
    for (const [role, { acting }] of members) {
      const { status, body } = await acting.post(path, { nothing: 'that it takes' });
      const isRefused = status === 403 && body.code === 'role_insufficient';
      expect([path, role, isRefused]).toEqual([path, role, role === 'member' || role === 'viewer']);
    }
  }
});

test('Stripe knows the organization by its name, and by the address of its oldest owner', async () => {
  await addMember(billing.service, organization, 'owner');
  await subscribe();
  const [row] = await select(
    billing,
    'SELECT stripe_customer_id FROM billing_customers WHERE account_id = ?',
    organization.accountId,
  );
  expect(billing.stripe.objects.customers.get(String(row?.['stripe_customer_id']))).toMatchObject({
    name: organization.name,
    email: owner.email,
    metadata: { account_id: organization.accountId },
  });
});

test('mails about billing go to the owners and to those who manage it, and to nobody else', async () => {
  const others = [
    await addMember(billing.service, organization, 'owner'),
    await addMember(billing.service, organization, 'admin'),
  ];
  const untold = [
    await addMember(billing.service, organization, 'member'),
    await addMember(billing.service, organization, 'viewer'),
  ];
  await subscribe();
  billing.stripe.subscriptions.cancel(stripeId());
  await allProcessed(billing);
  for (const { email } of [owner, ...others]) {
    const mail = await mailTo(billing.service.mailFolder, email);
    expect(mail.subject).toContain('has ended');
  }
  const mails = await mailsIn(billing.service.mailFolder);
  for (const { email } of untold) {
    expect(mails.filter(({ to }) => to === email)).toEqual([]);
  }
});

test('an organization that pays is not deleted, until that was cancelled', async () => {
  const remove = () => owner.acting.delete(current, { currentPassword: owner.password });
  const choice = { plan: 'team', interval: 'month', quantity: 3 };
  const { body: page } = await owner.acting.post('/v1/billing/checkout', choice);
  const beforePaying = await remove();
  expect([beforePaying.status, beforePaying.body.code]).toEqual([409, 'checkout_open']);

  billing.stripe.pay(sessionOf(page));
  await allProcessed(billing);
  const paying = await remove();
  expect([paying.status, paying.body.code]).toEqual([409, 'subscription_running']);
  expect((await owner.acting.get(current)).status).toBe(200);

  expect((await owner.acting.post('/v1/billing/subscription/cancel')).status).toBe(200);
  expect((await remove()).status).toBe(202);
  const left = async () =>
    (await select(billing, 'SELECT id FROM accounts WHERE id = ?', organization.accountId)).length;
  await expect.poll(left, { timeout: 20_000 }).toBe(0);

  // What Stripe tells of it later is none of ours any more.
  billing.stripe.subscriptions.cancel(stripeId());
  await allProcessed(billing);
  for (const table of ['billing_customers', 'billing_subscriptions', 'billing_effects']) {
    const rows = await select(
      billing,
      `SELECT account_id FROM ${table} WHERE account_id = ?`,
      organization.accountId,
    );
    expect([table, rows]).toEqual([table, []]);
  }
});
