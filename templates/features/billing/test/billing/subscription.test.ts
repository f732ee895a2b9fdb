import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { gracePolicy } from '#app/domains/billing/grace-policy.ts';
import { logUnknownPlans } from '#app/domains/billing/subscriptions/unknown-plans.ts';
import { createLog } from '#app/log.ts';
import { useBilling } from './support/billing.ts';
import {
  allProcessed,
  clientOf,
  newSubscriber,
  planPrices,
  proMonthly,
  subscribeAtStripe,
  type Subscriber,
} from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });

let subscriber: Subscriber;
beforeEach(async () => {
  billing.stripe.heal();
  subscriber = await newSubscriber(billing);
});

const team = { plan: 'team', interval: 'month', quantity: 3 };
const path = (act: string) => `/v1/billing/subscription/${act}`;
const act = (name: 'cancel' | 'resume') => subscriber.post(path(name));
const change = (body: object) => subscriber.post(path('change'), body);
const atStripe = () => billing.stripe.objects.subscriptions.get(subscriber.stripeId());
const updates = () =>
  billing.stripe.requests.filter(
    ({ method, path: asked }) => method === 'POST' && asked.endsWith(subscriber.stripeId()),
  );

/** Subscribes without a trial. */
async function subscribePaid(choice = proMonthly): Promise<void> {
  await billing.service.database.connection.query(
    'INSERT INTO billing_customers (account_id, trial_used_at) VALUES (?, UTC_TIMESTAMP(3))',
    [subscriber.accountId],
  );
  await subscriber.subscribe(choice);
}

test('who has subscribed to nothing has the free plan', async () => {
  expect(await subscriber.subscription()).toEqual({
    plan: 'free',
    subscribedPlan: null,
    status: null,
    interval: null,
    quantity: null,
    currentPeriodEnd: null,
    cancelAt: null,
    trialEnd: null,
    pastDueSince: null,
    graceEnd: null,
  });
  for (const name of ['cancel', 'resume'] as const) {
    expect((await act(name)).body).toMatchObject({ status: 409, code: 'not_subscribed' });
  }
  expect((await change(team)).body).toMatchObject({ status: 409, code: 'not_subscribed' });
});

test('cancelling ends it with the period, and the answer says so before any event', async () => {
  await subscriber.subscribe();
  billing.stripe.webhooks.hold();
  const { status, body } = await act('cancel');
  expect(status).toBe(200);
  expect(body).toMatchObject({ plan: 'pro', cancelAt: body.currentPeriodEnd });
  expect(atStripe()?.cancel_at_period_end).toBe(true);

  expect((await act('cancel')).body).toEqual(body);
  expect(updates()).toHaveLength(1);
  billing.stripe.webhooks.release();
  await allProcessed(billing);
  expect(await subscriber.subscription()).toEqual(body);
});

test('what was cancelled can be taken back, and what was not stays as it is', async () => {
  await subscriber.subscribe();
  await act('cancel');
  expect((await act('resume')).body).toMatchObject({ status: 'trialing', cancelAt: null });
  expect((await act('resume')).body).toMatchObject({ status: 'trialing', cancelAt: null });
  expect(updates()).toHaveLength(2);
  expect(await subscriber.rows('billing_requests')).toMatchObject([
    { kind: 'customer', done_at: expect.any(Date) },
    { kind: 'cancel', done_at: expect.any(Date) },
    { kind: 'resume', done_at: expect.any(Date) },
  ]);
});

test('a change is charged at once, for the time that is left', async () => {
  await subscribePaid();
  const { body: preview } = await change({ ...team, preview: true });
  expect(preview).toEqual({
    currency: 'usd',
    amountDueNow: expect.any(Number),
    nextAmount: 3 * 1900,
    prorationDate: expect.any(String),
  });
  expect(preview.amountDueNow).toBeGreaterThan(0);
  expect(updates()).toEqual([]);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro' });

  const { status, body } = await change(team);
  expect(status).toBe(200);
  expect(body).toMatchObject({ plan: 'team', interval: 'month', quantity: 3, status: 'active' });
  expect((await change(team)).body).toEqual(body);
  expect(updates()).toHaveLength(1);
  await allProcessed(billing);
  expect(await subscriber.subscription()).toEqual(body);
});

test('a change costs what its preview has shown, though time has gone by', async () => {
  await subscribePaid();
  billing.stripe.advance({ days: 10 });
  const { body: preview } = await change({ ...team, preview: true });
  billing.stripe.advance({ hours: 0.9 });
  const { prorationDate } = preview;
  expect((await change({ ...team, prorationDate })).body).toMatchObject({ plan: 'team' });
  const charged = [...billing.stripe.objects.invoices.values()].filter(
    ({ customer }) => customer === atStripe()?.customer,
  );
  expect(charged.at(-1)?.total).toBe(preview.amountDueNow);
  await allProcessed(billing);
});

test('a change cannot count from a moment at which it would cost nothing, or give too much', async () => {
  await subscribePaid();
  billing.stripe.advance({ days: 10 });
  const now = billing.stripe.now().getTime();
  for (const hours of [-1.1, 24, 24 * 15]) {
    const prorationDate = new Date(now + hours * 3_600_000).toISOString();
    expect((await change({ ...team, prorationDate })).body).toMatchObject({
      status: 422,
      errors: [{ pointer: '#/prorationDate' }],
    });
  }
  expect(updates()).toEqual([]);
});

test('a plan of seats keeps as many where none are named', async () => {
  await subscribePaid(team);
  const { body } = await change({ plan: 'team', interval: 'year' });
  expect(body).toMatchObject({ interval: 'year', quantity: 3 });
  expect((await change(proMonthly)).body).toMatchObject({ plan: 'pro', quantity: 1 });
});

test('who keeps plan and interval keeps the price that was bought, whatever others pay today', async () => {
  const proYearly = { plan: 'pro', interval: 'year' };
  await subscribePaid(proYearly);
  const bought = atStripe()?.items.data[0]?.price;
  const price = planPrices.find(({ lookupKey }) => lookupKey === 'pro_year');
  if (price === undefined) throw new Error('Pro is not sold by the year');
  billing.stripe.addPrice({ ...price, unitAmount: 99_000 });
  onTestFinished(() => void billing.stripe.addPrice(price));

  expect((await change({ ...proYearly, preview: true })).body).toMatchObject({
    amountDueNow: 0,
    nextAmount: price.unitAmount,
  });
  expect((await change(proYearly)).body).toMatchObject({ plan: 'pro', interval: 'year' });
  expect(atStripe()?.items.data[0]?.price.id).toBe(bought?.id);
});

test('a change in a trial costs nothing now', async () => {
  await subscriber.subscribe();
  const { body } = await change({ ...team, preview: true });
  expect(body).toEqual({
    currency: 'usd',
    amountDueNow: 0,
    nextAmount: 3 * 1900,
    prorationDate: null,
  });
});

test('a change that the bank refuses is not made, and the reason is told', async () => {
  await subscribePaid();
  billing.stripe.declineCards(await subscriber.customerId());
  const { body } = await change(team);
  expect(body).toMatchObject({
    status: 402,
    code: 'payment_failed',
    detail: expect.stringMatching(/^Your card .*\(card_declined\)$/),
  });
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'active' });
  const requests = await subscriber.rows('billing_requests');
  expect(requests.at(-1)).toMatchObject({ kind: 'change', done_at: null });
});

test('where the bank wants to ask its customer, it is said where it can', async () => {
  await subscribePaid();
  billing.stripe.askForConfirmation(await subscriber.customerId());
  expect((await change(team)).body).toMatchObject({
    status: 402,
    code: 'payment_failed',
    detail: expect.stringContaining('/v1/billing/portal'),
  });
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'active' });
});

test('a Stripe that fails is 503 here, and the request can be made again', async () => {
  await subscriber.subscribe();
  for (const status of [500, 429] as const) {
    billing.stripe.fail({ path: '/v1/subscriptions', method: 'POST', times: 2, with: status });
    const { body, headers } = await act('cancel');
    expect(body).toMatchObject({ status: 503, code: 'stripe_unavailable' });
    expect(headers.get('retry-after')).not.toBeNull();
    billing.stripe.heal();
  }
  expect((await act('cancel')).body).toMatchObject({ cancelAt: expect.any(String) });
});

test('an answer that was lost on its way is not done twice', async () => {
  await subscribePaid();
  billing.stripe.fail({ path: '/v1/subscriptions', method: 'POST', with: 'lost' });
  expect((await change(team)).body).toMatchObject({ plan: 'team', quantity: 3 });
  const invoices = [...billing.stripe.objects.invoices.values()].filter(
    ({ billing_reason: reason, customer }) =>
      reason === 'subscription_update' && customer === atStripe()?.customer,
  );
  expect(invoices).toHaveLength(1);
});

test('what has ended at Stripe cannot be changed here, though nobody has told us', async () => {
  await subscriber.subscribe();
  billing.stripe.webhooks.hold();
  billing.stripe.subscriptions.cancel(subscriber.stripeId());
  for (const answer of [await act('resume'), await act('cancel'), await change(team)]) {
    expect(answer.body).toMatchObject({ status: 409, code: 'not_subscribed' });
  }
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free', status: null });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
});

test('payment that is owed is known from its first day until it is paid', async () => {
  await subscribePaid();
  const customer = await subscriber.customerId();
  billing.stripe.afterRetries('past_due');
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const owed = await subscriber.subscription();
  expect(owed).toMatchObject({ status: 'past_due', pastDueSince: expect.any(String) });

  billing.stripe.advance({ days: 1 });
  billing.stripe.acceptCards(customer);
  const open = [...billing.stripe.objects.invoices.values()].find(
    (invoice) => invoice.customer === customer && invoice.status === 'open',
  );
  billing.stripe.payInvoice(open?.id ?? '');
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ status: 'active', pastDueSince: null });
});

test('what is owed is owed since its invoice, however late that is heard', async () => {
  await subscribePaid();
  const customer = await subscriber.customerId();
  billing.stripe.afterRetries('past_due');
  billing.stripe.declineCards(customer);
  billing.stripe.webhooks.hold();
  billing.stripe.advance({ days: 32 });
  billing.stripe.advance({ days: 40 });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
  const open = [...billing.stripe.objects.invoices.values()].filter(
    (invoice) => invoice.customer === customer && invoice.status === 'open',
  );
  expect(open.length).toBeGreaterThan(1);
  const first = Math.min(...open.map(({ created }) => created));
  expect(await subscriber.subscription()).toMatchObject({
    status: 'past_due',
    pastDueSince: new Date(first * 1000).toISOString(),
  });
});

test('who has paid owes nothing, though only the invoice has told of it', async () => {
  await subscribePaid();
  const customer = await subscriber.customerId();
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  billing.stripe.acceptCards(customer);
  const open = [...billing.stripe.objects.invoices.values()].find(
    (invoice) => invoice.customer === customer && invoice.status === 'open',
  );
  billing.stripe.webhooks.drop(1, 'customer.subscription.updated');
  billing.stripe.payInvoice(open?.id ?? '');
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({ status: 'active', pastDueSince: null });
});

test('nothing can be changed while payment is owed: the time that is left was never paid', async () => {
  await subscribePaid();
  const customer = await subscriber.customerId();
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const open = [...billing.stripe.objects.invoices.values()].find(
    (invoice) => invoice.customer === customer && invoice.status === 'open',
  );
  const before = updates().length;
  for (const body of [team, { ...team, preview: true }]) {
    expect((await change(body)).body).toMatchObject({
      status: 409,
      code: 'payment_owed',
      detail: expect.stringContaining(open?.hosted_invoice_url ?? 'a page'),
    });
  }
  expect(updates()).toHaveLength(before);
  billing.stripe.acceptCards(customer);
  billing.stripe.payInvoice(open?.id ?? '');
  await allProcessed(billing);
  expect((await change(team)).body).toMatchObject({ plan: 'team', status: 'active' });
});

test('a change while collection is paused gives no credit for the time that costs nothing', async () => {
  await subscribePaid();
  await clientOf(billing).subscriptions.update(subscriber.stripeId(), {
    pause_collection: { behavior: 'void' },
  });
  const invoices = () =>
    [...billing.stripe.objects.invoices.values()].filter(
      ({ customer }) => customer === atStripe()?.customer,
    );
  const before = invoices().length;
  expect((await change({ ...team, preview: true })).body).toMatchObject({ amountDueNow: 0 });
  expect((await change(team)).body).toMatchObject({ plan: 'team' });
  expect(invoices()).toHaveLength(before);
});

/** Has the row say so, as Stripe would have by another way. */
const setStatus = (status: string) =>
  billing.service.database.connection.query(
    'UPDATE billing_subscriptions SET status = ? WHERE account_id = ?',
    [status, subscriber.accountId],
  );

test('one that was never paid is none, and another may be begun', async () => {
  await subscribePaid();
  await setStatus('incomplete');
  expect(await subscriber.subscription()).toMatchObject({ plan: 'free', status: null });
  expect((await act('cancel')).body).toMatchObject({ status: 409, code: 'not_subscribed' });
  expect((await subscriber.checkout()).status).toBe(200);
});

test('of two that are live the same one is shown, counts, and is cancelled', async () => {
  await subscriber.subscribe(team);
  billing.stripe.advance({ hours: 1 });
  await subscribeAtStripe(billing, await subscriber.customerId(), 'pro_year');
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', interval: 'year' });
  expect((await act('cancel')).body).toMatchObject({ plan: 'pro', cancelAt: expect.any(String) });
  expect(atStripe()).toMatchObject({ cancel_at_period_end: false });
});

test('who owes a payment is shown until when the plan is kept, and where to pay', async () => {
  await subscribePaid();
  const customer = await subscriber.customerId();
  billing.stripe.afterRetries('unpaid');
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const owed = await subscriber.subscription();
  expect(owed).toMatchObject({ subscribedPlan: 'pro', status: 'past_due' });
  expect(Date.parse(owed.graceEnd) - Date.parse(owed.pastDueSince)).toBe(
    gracePolicy.days * 86_400_000,
  );
  expect((await subscriber.checkout()).body).toMatchObject({
    status: 409,
    code: 'already_subscribed',
    detail: expect.stringContaining(`${billing.stripe.url}/invoices/`),
  });
  billing.stripe.advance({ days: 20 });
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: 'pro',
    status: 'unpaid',
    graceEnd: null,
  });
});

test('a pause is seen, and the way out of it is told', async () => {
  await subscribePaid();
  billing.stripe.subscriptions.pause(subscriber.stripeId());
  await allProcessed(billing);
  expect(await subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: 'pro',
    status: 'paused',
  });
  expect((await subscriber.checkout()).body).toMatchObject({
    code: 'already_subscribed',
    detail: expect.stringContaining('/v1/billing/subscription/resume'),
  });
  expect((await act('resume')).body).toMatchObject({ plan: 'pro', status: 'active' });
});

/** Sells something else to the subscriber, as from Stripe's dashboard. */
async function moveTo(price: { lookupKey: string; plan?: string }): Promise<string> {
  const { id } = billing.stripe.addPrice({
    unitAmount: 1,
    currency: 'usd',
    interval: 'month',
    productName: 'Something else',
    ...price,
  });
  const item = atStripe()?.items.data[0];
  await clientOf(billing).subscriptions.update(subscriber.stripeId(), {
    items: [{ id: item?.id ?? '', price: id }],
  });
  await allProcessed(billing);
  return id;
}

test('a price of no plan is told of in the log, and gives none', async () => {
  await subscriber.subscribe();
  const id = await moveTo({ lookupKey: 'of_no_plan' });
  expect(await subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: null,
    status: 'trialing',
  });
  expect(billing.service.log).toContainEqual(
    expect.objectContaining({
      level: 'error',
      stripePriceId: id,
      msg: 'a subscription is for a price of no plan',
    }),
  );
});

test('a plan that only a newer version has is kept for that version, and said at the start', async () => {
  await subscriber.subscribe();
  const id = await moveTo({ lookupKey: 'ultra_month', plan: 'ultra' });
  expect(await subscriber.rows('billing_subscriptions')).toMatchObject([
    { price_lookup_key: 'ultra_month', price_plan: 'ultra' },
  ]);
  const lines: unknown[] = [];
  const log = createLog(
    { LOG_LEVEL: 'info' },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  const database = await openDatabase({
    settings: { DATABASE_URL: billing.service.database.url, DATABASE_POOL_SIZE: 1 },
  });
  await logUnknownPlans({ database, log });
  await database.close();
  expect(lines).toContainEqual(
    expect.objectContaining({ level: 'error', stripePriceId: id, subscriptions: 1 }),
  );
});

test('an account sees and changes its own subscription alone', async () => {
  await subscriber.subscribe();
  const other = await newSubscriber(billing);
  expect(await other.subscription()).toMatchObject({ plan: 'free' });
  for (const name of ['cancel', 'resume']) {
    expect((await other.post(path(name))).status).toBe(409);
  }
  expect((await other.post(path('change'), team)).status).toBe(409);
  expect((await other.checkout()).status).toBe(200);
  expect(updates()).toEqual([]);
  expect(await subscriber.subscription()).toMatchObject({ plan: 'pro', cancelAt: null });
});
