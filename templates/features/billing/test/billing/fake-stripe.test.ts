import type { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { idOf } from '../../dev/stripe/state.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { stripeEnvironment } from './support/billing.ts';
import { prices } from './support/prices.ts';

let fake: FakeStripe;
let stripe: Stripe;

beforeAll(async () => {
  fake = await startFakeStripe({ prices });
  const { STRIPE_SECRET_KEY, STRIPE_API_BASE } = stripeEnvironment(fake);
  stripe = stripeClient({ STRIPE_SECRET_KEY, STRIPE_API_BASE });
});
afterAll(() => fake.close());

test('a checkout that is paid has a subscription, an invoice and a charge', async () => {
  const customer = await stripe.customers.create({
    email: 'a@example.com',
    metadata: { account: '1' },
  });
  const { data: found } = await stripe.prices.list({ lookup_keys: ['pro_month'], active: true });
  expect(found).toHaveLength(1);
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer: customer.id,
    line_items: [{ price: found[0]?.id ?? '', quantity: 3 }],
    client_reference_id: 'acc',
    success_url: 'http://localhost/ok',
    subscription_data: { metadata: { account: '1' } },
  });
  fake.pay(session.id);

  const paid = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] });
  expect(paid).toMatchObject({ status: 'complete', payment_status: 'paid' });
  expect(paid.subscription).toMatchObject({ status: 'active', metadata: { account: '1' } });
  const { data: invoices } = await stripe.invoices.list({
    customer: customer.id,
    expand: ['data.payments.data.payment.payment_intent.latest_charge'],
  });
  expect(invoices[0]).toMatchObject({
    status: 'paid',
    amount_paid: 6000,
    payments: {
      data: [{ payment: { payment_intent: { latest_charge: { amount: 6000, paid: true } } } }],
    },
  });
});

test('a refund never gives back more than is left', async () => {
  const { charge } = await subscribed();
  const half = await stripe.refunds.create({ charge, amount: 1500 });
  expect(half).toMatchObject({ status: 'succeeded', amount: 1500 });
  await expect(stripe.refunds.create({ charge, amount: 1000 })).rejects.toThrow(/greater than/);
  await stripe.refunds.create({ charge });
  await expect(stripe.refunds.create({ charge })).rejects.toMatchObject({
    code: 'charge_already_refunded',
  });
  fake.refunds.fail(half.id);
  await expect(stripe.charges.retrieve(charge)).resolves.toMatchObject({ amount_refunded: 500 });
});

async function subscribed(): Promise<{ customer: string; subscription: string; charge: string }> {
  const { id: customer } = await stripe.customers.create({ email: 'b@example.com' });
  const { data } = await stripe.prices.list({ lookup_keys: ['pro_month'] });
  const session = await stripe.checkout.sessions.create({
    mode: 'subscription',
    customer,
    line_items: [{ price: data[0]?.id ?? '', quantity: 1 }],
    success_url: 'http://localhost/ok',
  });
  const subscription = idOf(fake.pay(session.id).subscription);
  const charges = await stripe.charges.list({ customer });
  return { customer, subscription, charge: charges.data[0]?.id ?? '' };
}
