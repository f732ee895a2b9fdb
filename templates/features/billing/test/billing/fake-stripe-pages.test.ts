import type { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { fakeStripe } from '../../dev/stripe/companion.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { idOf } from '../../dev/stripe/state.ts';
import { temporaryFolder } from '../support/folder.ts';
import { clientOf } from './support/fake-client.ts';
import { prices } from './support/prices.ts';

let fake: FakeStripe;
let stripe: Stripe;

const appOrigin = () => 'http://localhost:3000';
const own = { STRIPE_SECRET_KEY: 'sk_test_own' };

beforeAll(async () => {
  fake = await startFakeStripe({ prices });
  stripe = clientOf(fake);
});
afterAll(() => fake.close());

test('the page of a checkout pays it, and leads back', async () => {
  const session = await checkout('<b>@example.com');
  const page = await fetch(session.url ?? '');
  const text = await page.text();
  expect(text).toContain('$20.00');
  expect(text).toContain('&#60;b&#62;@example.com');
  expect(text).not.toContain('<b>@');

  const paid = await press(session.url ?? '', 'pay');
  expect(paid.status).toBe(303);
  expect(paid.headers.get('location')).toBe(`http://localhost/ok?session=${session.id}`);
  const now = await stripe.checkout.sessions.retrieve(session.id);
  expect(now.payment_status).toBe('paid');

  const again = await press(`${fake.url}/checkout/${session.id}`, 'pay');
  expect(again.status).toBe(400);
  expect(await again.text()).toContain('This checkout is over');
});

test('the page of a checkout leads back without paying', async () => {
  const session = await checkout('a@example.com');
  const back = await press(session.url ?? '', 'back');
  expect(back.headers.get('location')).toBe('http://localhost/no');
  expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe('open');
});

test('the portal cancels and resumes, but nothing of somebody else', async () => {
  const subscription = await subscribed();
  const stranger = await subscribed();
  const customer = idOf(subscription.customer);
  const portal = await stripe.billingPortal.sessions.create({ customer });
  await press(portal.url, 'cancel', subscription.id);
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(true);
  expect(await (await fetch(portal.url)).text()).toContain('Do not cancel');
  await press(portal.url, 'resume', subscription.id);
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at_period_end).toBe(false);

  const refused = await press(portal.url, 'cancel', stranger.id);
  expect(refused.status).toBe(404);
  expect((await stripe.subscriptions.retrieve(stranger.id)).cancel_at_period_end).toBe(false);
});

test('the portal changes the plan, also where the bank wants that confirmed', async () => {
  const subscription = await subscribed();
  const customer = idOf(subscription.customer);
  const portal = await stripe.billingPortal.sessions.create({ customer });
  const [team] = (await stripe.prices.list({ lookup_keys: ['team_month'] })).data;
  const change = () => press(portal.url, 'change', subscription.id, team?.id);
  const price = async () => {
    const { items, status } = await stripe.subscriptions.retrieve(subscription.id);
    return [items.data[0]?.price.lookup_key, status];
  };
  expect(await (await fetch(portal.url)).text()).toContain('Team, $50.00 each month');

  await press(fake.url, 'decline', customer);
  expect((await change()).status).toBe(402);
  expect(await price()).toEqual(['pro_month', 'active']);

  await press(fake.url, 'ask', customer);
  expect((await change()).status).toBe(303);
  expect(await price()).toEqual(['team_month', 'active']);
  expect(fake.events.map(({ type }) => type)).toContain('customer.subscription.updated');
});

test('the first page makes trouble, and ends it', async () => {
  const text = async () => (await fetch(fake.url)).text();
  await press(fake.url, 'send-twice');
  await press(fake.url, 'hold');
  await press(fake.url, 'fail-request');
  expect(await text()).toContain('Each event is sent twice.');
  await expect(stripe.customers.create()).rejects.toMatchObject({ statusCode: 500 });
  await stripe.customers.create();
  expect(await text()).toContain('Events are kept back: 2 so far.');

  await press(fake.url, 'lose-event');
  await press(fake.url, 'lose-event');
  expect(await text()).toContain('The next events are lost: 2.');
  await stripe.customers.create();
  expect(await text()).toContain('The next events are lost: 1.');
  await stripe.customers.create();
  await press(fake.url, 'shuffle');
  await press(fake.url, 'send-once');

  await press(fake.url, 'lose-answer');
  expect(await text()).toContain('The next requests that change something go wrong: 2.');
  await press(fake.url, 'heal');
  for (const sign of ['sent twice', 'kept back:', 'are lost:', 'go wrong:']) {
    expect(await text()).not.toContain(sign);
  }
});

test('the first page shows what is there, and drives it', async () => {
  const { customer, id } = await subscribed();
  await press(fake.url, 'decline', idOf(customer));
  await press(fake.url, 'month');
  expect((await stripe.subscriptions.retrieve(id)).status).toBe('past_due');
  const text = await (await fetch(fake.url)).text();
  for (const part of [id, 'Cards are declined.', 'invoice.payment_failed', 'Send again']) {
    expect(text).toContain(part);
  }
});

test('another site cannot press a button', async () => {
  const before = fake.now();
  const response = await press(fake.url, 'month', '', '', { 'sec-fetch-site': 'cross-site' });
  expect(response.status).toBe(403);
  expect(fake.now().getTime() - before.getTime()).toBeLessThan(86_400_000);
});

test('with a key of the real Stripe none is made up', async () => {
  const context = { environment: own, folder: await temporaryFolder(), appOrigin };
  expect(await fakeStripe(context)).toBeUndefined();
});

test('without one, the app is told of one that sells the plans, until there is a key', async () => {
  const folder = await temporaryFolder();
  const companion = await fakeStripe({ environment: {}, folder, appOrigin });
  const { STRIPE_SECRET_KEY = '', STRIPE_API_BASE = '' } = companion?.variables({}) ?? {};
  const client = clientOf({
    url: STRIPE_API_BASE,
    secretKey: STRIPE_SECRET_KEY,
    webhookSecret: '',
  });
  const { data } = await client.prices.list({ limit: 100 });
  const sold = new Set(data.map(({ lookup_key: key }) => key));
  expect(sold).toEqual(new Set(pricesOf(plans).map(({ lookupKey }) => lookupKey)));
  expect(companion?.variables(own)).toEqual({});
  await companion?.close();
});

async function press(
  url: string,
  action: string,
  target = '',
  choice = '',
  headers: Record<string, string> = {},
): Promise<Response> {
  const body = new URLSearchParams({ action, target, choice });
  return fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
}

async function checkout(email: string): Promise<Stripe.Checkout.Session> {
  const { data } = await stripe.prices.list({ lookup_keys: ['pro_month'] });
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    customer_email: email,
    line_items: [{ price: data[0]?.id ?? '', quantity: 1 }],
    success_url: 'http://localhost/ok?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'http://localhost/no',
  });
}

async function subscribed(): Promise<Stripe.Subscription> {
  const { id } = await checkout('s@example.com');
  return stripe.subscriptions.retrieve(idOf(fake.pay(id).subscription));
}
