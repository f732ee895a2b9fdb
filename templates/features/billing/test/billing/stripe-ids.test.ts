import { beforeEach, expect, test } from 'vitest';
import { accountsByStripeId, findableIds } from '#app/domains/billing/stripe-ids.ts';
import { useMoney, type TestCustomer } from './support/money.ts';

const money = useMoney();

let customer: TestCustomer;

beforeEach(async () => {
  customer = await money.addCustomer();
  await money.buy(customer);
  await money.process(money.takeEvents());
});

const find = (id: string) => accountsByStripeId(money.database.queries, id);

async function valueOf(table: string, column: string): Promise<string> {
  const [row] = await money.rows(`SELECT ${column} AS id FROM ${table} WHERE account_id = ?`, [
    customer.accountId,
  ]);
  return String(row?.['id']);
}

test('an account is found by every id of Stripe’s that is its own', async () => {
  const payment = await valueOf('billing_payments', 'id');
  const { accountId } = customer;
  await money.rows(
    `INSERT INTO billing_refunds SET account_id = ?, id = UUID(), payment_id = ?, currency = 'eur',
       amount = 1, reason = 'duplicate', status = 'succeeded', stripe_refund_id = ?, requested_by = 'x'`,
    accountId,
    payment,
    `re_${payment}`,
  );
  await money.rows(
    `INSERT INTO billing_subscriptions SET account_id = ?, id = UUID(), status = 'active',
       stripe_subscription_id = ?, stripe_price_id = 'price_1', quantity = 1,
       current_period_end = NOW(3)`,
    accountId,
    `sub_${payment}`,
  );
  await money.rows(
    `INSERT INTO billing_checkouts SET account_id = ?, id = UUID(), plan = 'pro',
       \`interval\` = 'year', quantity = 1, stripe_session_id = ?`,
    accountId,
    `cs_test_${payment}`,
  );
  await money.rows(
    'INSERT INTO billing_former_customers SET account_id = ?, stripe_customer_id = ?',
    accountId,
    `cus_${payment}`,
  );
  const ids = [
    customer.customerId,
    `cus_${payment}`,
    `sub_${payment}`,
    `cs_test_${payment}`,
    `re_${payment}`,
    await valueOf('billing_invoices', 'stripe_invoice_id'),
    await valueOf('billing_payments', 'stripe_charge_id'),
    await valueOf('billing_payments', 'stripe_payment_intent_id'),
  ];
  for (const id of ids) expect(await find(id)).toEqual([accountId]);
  // It was looked for wherever there is something of the kind.
  const kinds = new Set(ids.map((id) => id.split('_')[0]));
  expect(findableIds.filter((kind) => !kinds.has(kind))).toEqual(['py', 'pyr']);
});

test('what differs in case alone, what is unknown and what is no such id finds nothing', async () => {
  const flipped = customer.customerId.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  );
  const ids = ['cus_unknown', flipped.replace(/^CUS/, 'cus'), 'toString_1', '_', ''];
  for (const id of [...ids, "cus_' OR 1=1"]) expect(await find(id)).toEqual([]);
});
