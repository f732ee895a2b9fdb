import { expect, test } from 'vitest';
import { dashboardLink } from '#app/domains/billing/dashboard-link.ts';

const link = (key: string, id: string, base?: string) =>
  dashboardLink({ STRIPE_SECRET_KEY: key, STRIPE_API_BASE: base }, id);

test.for([
  ['sk_live_1', 'cus_1', 'https://dashboard.stripe.com/customers/cus_1'],
  ['rk_live_1', 'sub_1', 'https://dashboard.stripe.com/subscriptions/sub_1'],
  ['sk_test_1', 'cus_1', 'https://dashboard.stripe.com/test/customers/cus_1'],
  ['rk_test_1', 'pi_1', 'https://dashboard.stripe.com/test/payments/pi_1'],
  ['sk_test_1', 'ch_1', 'https://dashboard.stripe.com/test/payments/ch_1'],
  ['sk_test_1', 'in_1', 'https://dashboard.stripe.com/test/invoices/in_1'],
  ['sk_test_1', 'evt_1', 'https://dashboard.stripe.com/test/events/evt_1'],
  ['sk_test_1', 'cus_1/../x', 'https://dashboard.stripe.com/test/customers/cus_1%2F..%2Fx'],
] as const)('with the key %s, %s is at %s', ([key, id, url]) => {
  expect(link(key, id)).toBe(url);
});

test.for(['', 'cus', '_', 'constructor_1', 'xyz_1'])('%j has no page there', (id) => {
  expect(link('sk_test_1', id)).toBeUndefined();
});

test('what another server has answered with has no page at Stripe', () => {
  expect(link('sk_test_1', 'cus_1', 'http://127.0.0.1:12111')).toBeUndefined();
});
