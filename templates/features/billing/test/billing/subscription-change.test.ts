import { expect, onTestFinished, test } from 'vitest';
import { useBilling } from './support/billing.ts';
import { allProcessed, clientOf, planPrices, proMonthly } from './support/subscriber.ts';
import { team, useSubscriber } from './support/use-subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const own = useSubscriber(billing);

test('a change is charged at once, for the time that is left', async () => {
  await own.subscribePaid();
  const { body: preview } = await own.change({ ...team, preview: true });
  expect(preview).toEqual({
    currency: 'usd',
    amountDueNow: expect.any(Number),
    nextAmount: 3 * 1900,
    prorationDate: expect.any(String),
  });
  expect(preview.amountDueNow).toBeGreaterThan(0);
  expect(own.updates()).toBe(0);
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'pro' });

  const { status, body } = await own.change(team);
  expect(status).toBe(200);
  expect(body).toMatchObject({ plan: 'team', interval: 'month', quantity: 3, status: 'active' });
  expect((await own.change(team)).body).toEqual(body);
  expect(own.updates()).toBe(1);
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toEqual(body);
});

test('a change costs what its preview has shown, though time has gone by', async () => {
  await own.subscribePaid();
  billing.stripe.advance({ days: 10 });
  const { body: preview } = await own.change({ ...team, preview: true });
  billing.stripe.advance({ hours: 0.9 });
  const { prorationDate } = preview;
  expect((await own.change({ ...team, prorationDate })).body).toMatchObject({ plan: 'team' });
  expect(own.invoices().at(-1)?.total).toBe(preview.amountDueNow);
  await allProcessed(billing);
});

test('a change cannot count from a moment at which it would cost nothing, or give too much', async () => {
  await own.subscribePaid();
  billing.stripe.advance({ days: 10 });
  const now = billing.stripe.now().getTime();
  for (const hours of [-1.1, 24, 24 * 15]) {
    const prorationDate = new Date(now + hours * 3_600_000).toISOString();
    expect((await own.change({ ...team, prorationDate })).body).toMatchObject({
      status: 422,
      errors: [{ pointer: '#/prorationDate' }],
    });
  }
  expect(own.updates()).toBe(0);
});

test('a date is refused where no preview has one', async () => {
  await own.subscriber.subscribe();
  const prorationDate = billing.stripe.now().toISOString();
  expect((await own.change({ ...team, prorationDate })).status).toBe(422);
});

test('a plan of seats keeps as many where none are named', async () => {
  await own.subscribePaid(team);
  const { body } = await own.change({ plan: 'team', interval: 'year' });
  expect(body).toMatchObject({ interval: 'year', quantity: 3 });
  expect((await own.change(proMonthly)).body).toMatchObject({ plan: 'pro', quantity: 1 });
});

test('who keeps plan and interval keeps the price that was bought, whatever others pay today', async () => {
  const proYearly = { plan: 'pro', interval: 'year' };
  await own.subscribePaid(proYearly);
  const bought = own.atStripe()?.items.data[0]?.price;
  const price = planPrices.find(({ lookupKey }) => lookupKey === 'pro_year');
  if (price === undefined) throw new Error('Pro is not sold by the year');
  billing.stripe.addPrice({ ...price, unitAmount: 99_000 });
  onTestFinished(() => void billing.stripe.addPrice(price));

  expect((await own.change({ ...proYearly, preview: true })).body).toMatchObject({
    amountDueNow: 0,
    nextAmount: price.unitAmount,
  });
  expect((await own.change(proYearly)).body).toMatchObject({ plan: 'pro', interval: 'year' });
  expect(own.atStripe()?.items.data[0]?.price.id).toBe(bought?.id);
});

test('a change in a trial costs nothing now', async () => {
  await own.subscriber.subscribe();
  const { body } = await own.change({ ...team, preview: true });
  expect(body).toEqual({
    currency: 'usd',
    amountDueNow: 0,
    nextAmount: 3 * 1900,
    prorationDate: null,
  });
});

test('a change that the bank refuses is not made, and the reason is told', async () => {
  await own.subscribePaid();
  billing.stripe.declineCards(await own.subscriber.customerId());
  const { body } = await own.change(team);
  expect(body).toMatchObject({
    status: 402,
    code: 'payment_failed',
    detail: expect.stringMatching(/^Your card .*\(card_declined\)$/),
  });
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'active' });
  const requests = await own.subscriber.rows('billing_requests');
  expect(requests.at(-1)).toMatchObject({ kind: 'change', done_at: null });
});

test('where the bank wants to ask its customer, it is said where it can', async () => {
  await own.subscribePaid();
  billing.stripe.askForConfirmation(await own.subscriber.customerId());
  expect((await own.change(team)).body).toMatchObject({
    status: 402,
    code: 'payment_failed',
    detail: expect.stringContaining('/v1/billing/portal'),
  });
  expect(await own.subscriber.subscription()).toMatchObject({ plan: 'pro', status: 'active' });
});

test('an answer that was lost on its way is not done twice', async () => {
  await own.subscribePaid();
  billing.stripe.fail({ path: '/v1/subscriptions', method: 'POST', with: 'lost' });
  expect((await own.change(team)).body).toMatchObject({ plan: 'team', quantity: 3 });
  const invoices = own
    .invoices()
    .filter(({ billing_reason: reason }) => reason === 'subscription_update');
  expect(invoices).toHaveLength(1);
});

test('a change while collection is paused gives no credit for the time that costs nothing', async () => {
  await own.subscribePaid();
  await clientOf(billing).subscriptions.update(own.subscriber.stripeId(), {
    pause_collection: { behavior: 'void' },
  });
  const before = own.invoices().length;
  expect((await own.change({ ...team, preview: true })).body).toMatchObject({ amountDueNow: 0 });
  expect((await own.change(team)).body).toMatchObject({ plan: 'team' });
  expect(own.invoices()).toHaveLength(before);
});
