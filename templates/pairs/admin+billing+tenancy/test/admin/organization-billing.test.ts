import { expect, test } from 'vitest';
import { newOrganization } from '../organizations/support/organizations.ts';
import { useBilling } from '../billing/support/billing.ts';
import { allProcessed, planPrices, select, sessionOf } from '../billing/support/subscriber.ts';
import { signInOperator } from './support/operator.ts';

const billing = useBilling({}, { prices: planPrices });

test('what an organization pays for is on its page, it is found by Stripe’s ids, and kept while it pays', async () => {
  const { service } = billing;
  const organization = await newOrganization(service);
  const choice = { plan: 'team', interval: 'month', quantity: 2 };
  // Its trial was used: it pays at once.
  await select(
    billing,
    'INSERT INTO billing_customers (account_id, trial_used_at) VALUES (?, UTC_TIMESTAMP(3))',
    organization.accountId,
  );
  const { body } = await organization.owner.acting.post('/v1/billing/checkout', choice);
  billing.stripe.pay(sessionOf(body));
  await allProcessed(billing);

  const operator = await signInOperator(service);
  const path = `/admin/organizations/${organization.accountId}`;
  const page = String((await operator.get(path)).body);
  for (const text of ['Plan in force', 'Team', '$38.00']) expect(page).toContain(text);
  const [, payment = ''] = /href="(\/admin\/payments\/[^"]+)"/.exec(page) ?? [];
  expect(String((await operator.get(payment)).body)).toContain(`href="${path}"`);

  const [row] = await select(
    billing,
    'SELECT stripe_customer_id FROM billing_customers WHERE account_id = ?',
    organization.accountId,
  );
  const found = await operator.get(`/admin/organizations?q=${row?.['stripe_customer_id']}`);
  expect(String(found.body)).toContain(`href="${path}"`);

  const refused = await operator.post(`${path}/delete`, { _confirm: 'on' });
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('Cancel the subscription first.');
});
