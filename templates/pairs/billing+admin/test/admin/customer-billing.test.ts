import { beforeAll, expect, test } from 'vitest';
import { gracePolicy } from '#app/domains/billing/grace-policy.ts';
import { freePlan, planOfPrice, plans } from '#app/domains/billing/plans.ts';
import { useBilling } from '../billing/support/billing.ts';
import { allProcessed, planPrices, select } from '../billing/support/subscriber.ts';
import { holdsMarkup, markup } from './support/markup.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { newPayer, type Payer } from './support/payer.ts';

const billing = useBilling({}, { prices: planPrices });
let operator: SignedInOperator;

beforeAll(async () => {
  operator = await signInOperator(billing.service, 'support');
});

const plan = plans[planOfPrice('pro_month') ?? freePlan];

/** What a customer's page shows, as text. */
async function shown(who: Payer, reader = operator): Promise<string> {
  const { status, body } = await reader.get(`/admin/customers/${who.userId}`);
  expect(status).toBe(200);
  return String(body);
}

const textOf = (page: string) => page.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

test('a customer’s page says what is subscribed to, what is in force, and why', async () => {
  const payer = await newPayer(billing);
  const page = textOf(await shown(payer));
  expect(page).toContain(`Plan in force ${plan.name}`);
  expect(page).toContain('It is subscribed to.');
  for (const feature of plan.features) expect(page).toContain(feature);
  for (const limit of Object.keys(plan.limits)) expect(page).toContain(`${limit}: `);
  expect(page).toContain(`Subscribed to ${plan.name}`);
  expect(page).toContain('Status active');
  expect(page).toContain(await payer.customerId());
  const [subscription] = await payer.rows('billing_subscriptions');
  expect(page).toContain(subscription?.['stripe_subscription_id']);
  const ends: Date = subscription?.['current_period_end'];
  expect(page).toContain(ends.toISOString().slice(0, 19).replace('T', ' '));
});

test('it says until when a payment is waited for, and that the plan is lost after that', async () => {
  const late = await newPayer(billing);
  const owe = (days: number) =>
    select(
      billing,
      `UPDATE billing_subscriptions SET status = 'past_due',
         past_due_since = UTC_TIMESTAMP(3) - INTERVAL ? DAY WHERE account_id = ?`,
      days,
      late.accountId,
    );
  await owe(gracePolicy.days - 1);
  const inGrace = textOf(await shown(late));
  expect(inGrace).toContain(`Plan in force ${plan.name}`);
  expect(inGrace).toContain('the plan is kept for some days');
  expect(inGrace).toContain(
    `Grace until ${new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)}`,
  );
  await owe(gracePolicy.days + 1);
  const after = textOf(await shown(late));
  expect(after).toContain(`Plan in force ${plans[freePlan].name}`);
  expect(after).toContain('it is not paid for');
});

test('it has the invoices, with Stripe’s page of each, and the payments with a way to refund', async () => {
  const payer = await newPayer(billing);
  billing.stripe.refunds.create(payer.payment.chargeId, 150);
  billing.stripe.disputes.open(payer.payment.chargeId);
  await allProcessed(billing);
  const page = await shown(payer);
  const [invoice] = await payer.rows('billing_invoices');
  expect(page).toContain(`href="${invoice?.['hosted_url']}"`);
  const text = textOf(page);
  expect(text).toContain(`${invoice?.['number']} paid $29.00`);
  expect(text).toContain('$29.00 $1.50 needs response');
  expect(page).toContain(`<a href="${payer.payment.path}">Refund</a>`);

  const reader = await signInOperator(billing.service, 'read-only');
  expect(await shown(payer, reader)).toContain(`<a href="${payer.payment.path}">Show</a>`);
});

test('who has bought nothing has a page that says so', async () => {
  const other = await newPayer(billing);
  for (const table of ['refunds', 'payments', 'invoices', 'subscriptions']) {
    await select(billing, `DELETE FROM billing_${table} WHERE account_id = ?`, other.accountId);
  }
  const page = textOf(await shown(other));
  for (const text of [
    'There is no subscription that counts.',
    'There is no invoice.',
    'Nothing was paid.',
  ]) {
    expect(page).toContain(text);
  }
});

test('what was stored is shown as text, and leads to pages only', async () => {
  const other = await newPayer(billing);
  const hostile = ['javascript:alert(1)', 'data:text/html,x', 'java\tscript:alert(1)', ...markup];
  for (const text of hostile) {
    await select(
      billing,
      'UPDATE billing_invoices SET number = ?, hosted_url = ? WHERE account_id = ?',
      text,
      text,
      other.accountId,
    );
    await select(
      billing,
      'UPDATE billing_payments SET dispute_status = ? WHERE account_id = ?',
      text.slice(0, 40),
      other.accountId,
    );
    await select(
      billing,
      `UPDATE billing_subscriptions SET stripe_price_id = ?, price_lookup_key = NULL,
         price_plan = NULL, status = 'active' WHERE account_id = ?`,
      text,
      other.accountId,
    );
    const page = await shown(other);
    expect(holdsMarkup(page)).toBe(false);
    expect(page).not.toMatch(/href="(?!\/|#main"|https?:|data:,")/);
    expect(textOf(page)).toContain('its price is that of no plan here');
  }
});

async function search(text: string): Promise<string> {
  const { body } = await operator.get(`/admin/customers?q=${encodeURIComponent(text)}`);
  return String(body);
}

test('a customer is found by what Stripe calls them, and by nothing that is not known', async () => {
  const payer = await newPayer(billing);
  const [subscription] = await payer.rows('billing_subscriptions');
  const [invoice] = await payer.rows('billing_invoices');
  const [payment] = await payer.rows('billing_payments');
  const ids = [
    await payer.customerId(),
    subscription?.['stripe_subscription_id'],
    invoice?.['stripe_invoice_id'],
    payment?.['stripe_charge_id'],
    payment?.['stripe_payment_intent_id'],
    payer.sessions()[0]?.id,
  ];
  for (const id of ids) {
    const page = await search(` ${id} `);
    expect(page).toContain(`/admin/customers/${payer.userId}"`);
    expect(page.match(/href="\/admin\/customers\/[^"]+"/g)).toHaveLength(1);
  }
  for (const id of ['cus_unknown', 'in_', "sub_' OR 1=1 -- ", 'evt_1']) {
    expect(await search(id)).not.toMatch(/href="\/admin\/customers\/[^"]+"/);
  }
});
