import { beforeEach, expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { claimCheckout, storeSession } from '#app/domains/billing/checkout-rows.ts';
import { idOf } from '#app/domains/billing/references.ts';
import { testSealing } from '../support/sealing.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  proMonthly,
  select,
  sessionOf,
  type Subscriber,
} from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });

let subscriber: Subscriber;
beforeEach(async () => {
  billing.stripe.heal();
  subscriber = await newSubscriber(billing);
});

const yearly = { plan: 'pro', interval: 'year' };

test('who pays and closes the tab has what was paid for', async () => {
  const { status, body } = await subscriber.checkout();
  expect({ status, body }).toEqual({
    status: 200,
    body: { id: expect.any(String), url: expect.stringContaining(billing.stripe.url) },
  });
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free', status: null });

  billing.stripe.pay(sessionOf(body));
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({
    plan: 'pro',
    status: 'trialing',
    interval: 'month',
    quantity: 1,
    trialEnd: expect.any(String),
    pastDueSince: null,
  });
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([{ state: 'completed' }]);
});

test('the session names the account, and leads back to this service alone', async () => {
  const { body } = await subscriber.checkout({ plan: 'team', interval: 'month', quantity: 3 });
  const [session] = subscriber.sessions();
  expect(session).toMatchObject({
    id: sessionOf(body),
    metadata: { account_id: subscriber.accountId },
    customer: await subscriber.customerId(),
    success_url: 'http://localhost:3000/billing/paid',
    cancel_url: 'http://localhost:3000/billing/not-paid',
  });
  billing.stripe.pay(sessionOf(body));
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'team', quantity: 3 });
});

test('the pages to which Stripe leads back are there', async () => {
  for (const page of ['', '/paid', '/not-paid', '/done']) {
    const { status, headers } = await billing.service.get(`/billing${page}`);
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  }
});

test('the same choice gives the same page while it is open', async () => {
  const answers = [await subscriber.checkout(), await subscriber.checkout()];
  expect(answers[1]?.body).toEqual(answers[0]?.body);
  expect(subscriber.sessions()).toHaveLength(1);
});

test('another choice closes the page before', async () => {
  await subscriber.checkout();
  const { body } = await subscriber.checkout(yearly);
  expect(subscriber.sessions().map(({ id, status }) => [id === sessionOf(body), status])).toEqual([
    [false, 'expired'],
    [true, 'open'],
  ]);
  await allProcessed(billing);
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([
    { state: 'expired' },
    { state: 'open' },
  ]);
});

test.for([
  ['the same choice', [proMonthly, proMonthly, proMonthly, proMonthly]],
  ['other choices', [proMonthly, yearly, { plan: 'team', interval: 'month', quantity: 2 }]],
] as const)('tabs that begin at once, with %s, leave one page to pay on', async ([, choices]) => {
  const answers = await Promise.all(choices.map((choice) => subscriber.checkout(choice)));
  const open = subscriber.sessions().filter(({ status }) => status === 'open');
  expect(open).toHaveLength(1);
  expect(subscriber.customers()).toHaveLength(1);
  // Whoever was overtaken is told so, or has a page that was closed; the last one can pay.
  for (const { body } of answers) {
    expect([undefined, 'checkout_replaced', 'stripe_unavailable']).toContain(body.code);
  }
  const pages = answers.filter(({ status }) => status === 200).map(({ body }) => sessionOf(body));
  expect(pages).toContain(open[0]?.id);
});

test('who was overtaken gets no page, though Stripe has made one', async () => {
  await subscriber.post('/v1/billing/portal');
  const { accountId } = subscriber;
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  const claim = async (interval: 'month' | 'year') => {
    const choice = { plan: 'pro', interval } as const;
    const claimed = await database.transaction((tx) => claimCheckout(tx, accountId, choice));
    if ('inTheWay' in claimed) throw new Error('There is a page already');
    return claimed.checkout;
  };
  const pageOf = (name: string) => ({
    stripeSessionId: `cs_${name}_${accountId}`,
    url: `https://stripe.example/${name}`,
    expiresAt: Math.floor(Date.now() / 1000) + 3600,
  });
  const overtaken = await claim('month');
  const last = await claim('year');
  expect(await storeSession(database, overtaken, pageOf('overtaken'))).toBe(false);
  expect(await storeSession(database, last, pageOf('last'))).toBe(true);
  // Of two requests for one page, whoever is answered with another page does not get it.
  expect(await storeSession(database, last, pageOf('last'))).toBe(true);
  expect(await storeSession(database, last, pageOf('other'))).toBe(false);
  await database.close();
  expect((await subscriber.checkout(yearly)).body).toEqual({
    id: last.id,
    url: 'https://stripe.example/last',
  });
});

test('a page that is stored while another choice is made is closed first', async () => {
  await subscriber.post('/v1/billing/portal');
  const { accountId } = subscriber;
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 2 },
    sealing: testSealing,
  });
  const claim = (interval: 'month' | 'year') =>
    database.transaction((tx) => claimCheckout(tx, accountId, { plan: 'pro', interval }));
  const first = await claim('month');
  if ('inTheWay' in first) throw new Error('There is a page already');
  const page = { stripeSessionId: `cs_${accountId}`, url: 'https://stripe.example/' };
  let second: Promise<unknown> = Promise.resolve();
  await database.transaction(async (tx) => {
    const expiresAt = Math.floor(Date.now() / 1000) + 3600;
    await storeSession({ queries: tx }, first.checkout, { ...page, expiresAt });
    second = claim('year');
    await expect.poll(checkoutsWaitedFor).toBe(1);
  });
  const { stripeSessionId } = page;
  expect(await second).toEqual({ inTheWay: { id: first.checkout.id, stripeSessionId } });
  await database.close();
});

/** How many statements wait for a checkout's row. */
async function checkoutsWaitedFor(): Promise<number> {
  const rows = await select(
    billing,
    `SELECT 1 FROM information_schema.processlist
     WHERE db = DATABASE() AND info LIKE '%billing_checkouts%' AND id <> CONNECTION_ID()`,
  );
  return rows.length;
}

test('a page that was paid on cannot be replaced, though nobody has told us yet', async () => {
  const { body } = await subscriber.checkout();
  billing.stripe.webhooks.hold();
  billing.stripe.pay(sessionOf(body));
  const second = await subscriber.checkout(yearly);
  expect([second.status, second.body.code]).toEqual([409, 'already_subscribed']);
  // Asked for its reason, Stripe has said what was paid for.
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'trialing' });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
  expect(subscriber.sessions()).toHaveLength(1);
});

test('who is subscribed cannot subscribe again', async () => {
  await subscriber.subscribe();
  const { status, body } = await subscriber.checkout(yearly);
  expect([status, body.code]).toEqual([409, 'already_subscribed']);
});

test('there is one trial for an account', async () => {
  await subscriber.subscribe();
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  await allProcessed(billing);
  await subscriber.subscribe(yearly);
  expect(await subscriber.subscription()).toMatchObject({ status: 'active', trialEnd: null });
});

test('a checkout that a bank has yet to pay gives what its subscription says', async () => {
  await subscriber.subscribe();
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  await allProcessed(billing);
  const { body } = await subscriber.checkout();
  const session = sessionOf(body);
  billing.stripe.pay(session, { delayed: true });
  await allProcessed(billing);
  const id = idOf(billing.stripe.objects.sessions.get(session)?.subscription) ?? '';
  const atStripe = () => billing.stripe.objects.subscriptions.get(id)?.status;
  expect(await subscriber.subscription()).toMatchObject({ status: atStripe() });

  billing.stripe.finishDelayedPayment(session, 'failed');
  await allProcessed(billing);
  expect(atStripe()).toBe('canceled');
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free', status: null });
});

test('a page that was left until it expired makes place for another', async () => {
  await subscriber.checkout();
  const [session] = subscriber.sessions();
  await clientOf(billing).checkout.sessions.expire(session?.id ?? '');
  await allProcessed(billing);
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([{ state: 'expired' }]);
  expect((await subscriber.checkout()).status).toBe(200);
});

test('a page that is gone at Stripe, whose customer is known there, makes place for another', async () => {
  const { body } = await subscriber.checkout();
  billing.stripe.objects.sessions.delete(sessionOf(body));
  expect((await subscriber.checkout(yearly)).status).toBe(200);
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([
    { state: 'expired' },
    { state: 'open' },
  ]);
});

test('a page that is gone with its customer, as under the key of another account, stays open', async () => {
  const { body } = await subscriber.checkout();
  billing.stripe.objects.sessions.delete(sessionOf(body));
  billing.stripe.objects.customers.delete(await subscriber.customerId());
  const second = await subscriber.checkout(yearly);
  expect([second.status, second.body.code]).toEqual([503, 'billing_not_configured']);
  expect(await subscriber.rows('billing_checkouts')).toMatchObject([{ state: 'open' }]);
});

test('a page that Stripe made unheard is the one that is given the next time', async () => {
  billing.stripe.fail({ path: '/v1/checkout/sessions', method: 'POST', with: 'lost', times: 2 });
  expect((await subscriber.checkout()).body).toMatchObject({ code: 'stripe_unavailable' });
  const { body } = await subscriber.checkout();
  expect(subscriber.sessions().map(({ id }) => id)).toEqual([sessionOf(body)]);
});

test('the portal opens, and leads back', async () => {
  const { status, body } = await subscriber.post('/v1/billing/portal');
  expect({ status, body }).toEqual({
    status: 200,
    body: { url: expect.stringContaining('/portal/') },
  });
  const session = billing.stripe.objects.portalSessions.get(body.url.split('/').at(-1));
  expect(session).toMatchObject({
    customer: await subscriber.customerId(),
    return_url: 'http://localhost:3000/billing/done',
  });
});
