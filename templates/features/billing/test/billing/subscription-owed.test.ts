import { expect, test } from 'vitest';
import { gracePolicy } from '#app/domains/billing/grace-policy.ts';
import { useBilling } from './support/billing.ts';
import { allProcessed, planPrices } from './support/subscriber.ts';
import { team, useSubscriber } from './support/use-subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const own = useSubscriber(billing);

test('payment that is owed is known from its first day until it is paid', async () => {
  await own.subscribePaid();
  const customer = await own.subscriber.customerId();
  billing.stripe.afterRetries('past_due');
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const owed = await own.subscriber.subscription();
  expect(owed).toMatchObject({ status: 'past_due', pastDueSince: expect.any(String) });

  billing.stripe.advance({ days: 1 });
  billing.stripe.acceptCards(customer);
  const open = own.openInvoice();
  billing.stripe.payInvoice(open.id);
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toMatchObject({
    status: 'active',
    pastDueSince: null,
  });
});

test('what is owed is owed since its invoice, however late that is heard', async () => {
  await own.subscribePaid();
  const customer = await own.subscriber.customerId();
  billing.stripe.afterRetries('past_due');
  billing.stripe.declineCards(customer);
  billing.stripe.webhooks.hold();
  billing.stripe.advance({ days: 32 });
  billing.stripe.advance({ days: 40 });
  billing.stripe.webhooks.release();
  await allProcessed(billing);
  const open = own.invoices().filter(({ status }) => status === 'open');
  expect(open.length).toBeGreaterThan(1);
  const first = Math.min(...open.map(({ created }) => created));
  expect(await own.subscriber.subscription()).toMatchObject({
    status: 'past_due',
    pastDueSince: new Date(first * 1000).toISOString(),
  });
});

test('who has paid owes nothing, though only the invoice has told of it', async () => {
  await own.subscribePaid();
  const customer = await own.subscriber.customerId();
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  billing.stripe.acceptCards(customer);
  const open = own.openInvoice();
  billing.stripe.webhooks.drop(1, 'customer.subscription.updated');
  billing.stripe.payInvoice(open.id);
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toMatchObject({
    status: 'active',
    pastDueSince: null,
  });
});

test('nothing can be changed while payment is owed: the time that is left was never paid', async () => {
  await own.subscribePaid();
  const customer = await own.subscriber.customerId();
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const open = own.openInvoice();
  const before = own.updates();
  for (const body of [team, { ...team, preview: true }]) {
    expect((await own.change(body)).body).toMatchObject({
      status: 409,
      code: 'payment_owed',
      detail: expect.stringContaining(open.hosted_invoice_url ?? 'a page'),
    });
  }
  expect(own.updates()).toBe(before);
  billing.stripe.acceptCards(customer);
  billing.stripe.payInvoice(open.id);
  await allProcessed(billing);
  expect((await own.change(team)).body).toMatchObject({ plan: 'team', status: 'active' });
});

test('who owes a payment is shown until when the plan is kept, and where to pay', async () => {
  await own.subscribePaid();
  const customer = await own.subscriber.customerId();
  billing.stripe.afterRetries('unpaid');
  billing.stripe.declineCards(customer);
  billing.stripe.advance({ days: 32 });
  await allProcessed(billing);
  const owed = await own.subscriber.subscription();
  expect(owed).toMatchObject({ subscribedPlan: 'pro', status: 'past_due' });
  expect(Date.parse(owed.graceEnd) - Date.parse(owed.pastDueSince)).toBe(
    gracePolicy.days * 86_400_000,
  );
  expect((await own.subscriber.checkout()).body).toMatchObject({
    status: 409,
    code: 'already_subscribed',
    detail: expect.stringContaining(`${billing.stripe.url}/invoices/`),
  });
  billing.stripe.advance({ days: 20 });
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: 'pro',
    status: 'unpaid',
    graceEnd: null,
  });
});

test('a pause is seen, and the way out of it is told', async () => {
  await own.subscribePaid();
  billing.stripe.subscriptions.pause(own.subscriber.stripeId());
  await allProcessed(billing);
  expect(await own.subscriber.subscription()).toMatchObject({
    plan: 'free',
    subscribedPlan: 'pro',
    status: 'paused',
  });
  expect((await own.subscriber.checkout()).body).toMatchObject({
    code: 'already_subscribed',
    detail: expect.stringContaining('/v1/billing/subscription/resume'),
  });
  const payment = { default_payment_method: own.atStripe()?.default_payment_method };
  Object.assign(own.atStripe() ?? {}, { default_payment_method: null });
  expect((await own.act('resume')).body).toMatchObject({ status: 402, code: 'payment_failed' });
  Object.assign(own.atStripe() ?? {}, payment);
  expect((await own.act('resume')).body).toMatchObject({ plan: 'pro', status: 'active' });
});
