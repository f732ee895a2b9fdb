import { beforeEach, expect, test } from 'vitest';
import { refundOutdated, refundTooLarge } from '#app/domains/billing/errors.ts';
import { refundDelivery } from '#app/domains/billing/refunds/refund-delivery.ts';
import { notFound } from '#app/http/errors.ts';
import { price, useMoney, type TestCustomer } from './support/money.ts';

const money = useMoney();

let customer: TestCustomer;
let chargeId: string;
let paymentId: string;

beforeEach(async () => {
  customer = await money.addCustomer();
  chargeId = (await money.buy(customer)).id;
  await money.process(money.takeEvents());
  const [payment] = await money.rows(
    'SELECT id FROM billing_payments WHERE stripe_charge_id = ?',
    chargeId,
  );
  paymentId = payment?.['id'];
});

const request = (amount: number, given: { refundedBefore?: number } = {}) =>
  money.refunds.request({
    ...given,
    accountId: customer.accountId,
    paymentId,
    amount,
    reason: 'requested_by_customer',
    requestedBy: 'operator:ann',
  });

const attempt = (refundId: string, services = money.services): Promise<void> =>
  refundDelivery.deliver(
    { accountId: customer.accountId, refundId },
    { key: 'key', signal: new AbortController().signal, services },
  );

const atStripe = () =>
  [...money.fake.objects.refunds.values()].filter(({ charge }) => charge === chargeId);

const rows = () =>
  money.rows('SELECT * FROM billing_refunds WHERE payment_id = ? ORDER BY created_at', paymentId);

/** Services whose process ends before what Stripe has answered is written. */
const dying = () => ({
  ...money.services,
  database: {
    ...money.services.database,
    transaction: () => Promise.reject(new Error('The process ended')),
  },
});

test('a refund is written first, then asked of Stripe, then as Stripe has it', async () => {
  const refund = await request(500);
  expect(refund).toMatchObject({ amount: 500, currency: 'eur', status: 'requested' });
  expect(atStripe()).toEqual([]);

  await money.deliver();
  const [made] = atStripe();
  expect(made).toMatchObject({ amount: 500, metadata: { refund_id: refund.id } });
  expect(await rows()).toMatchObject([
    { status: 'succeeded', stripe_refund_id: made?.id, failure: null },
  ]);
  expect(await money.refunds.list(customer.accountId)).toEqual([
    { ...refund, status: 'succeeded' },
  ]);
  const audit = await money.rows(
    'SELECT * FROM audit_log WHERE subject = ?',
    `account:${customer.accountId}`,
  );
  expect(audit).toMatchObject([{ actor: 'operator:ann', action: 'refund.requested' }]);
});

test('every write to Stripe for a refund has the key of its row, another one after a failure', async () => {
  const before = money.fake.requests.length;
  const { id } = await request(500);
  money.fake.fail({ path: '/v1/refunds', method: 'POST', with: 500 });
  await expect(attempt(id)).rejects.toThrow('Stripe did not take it');
  await attempt(id);
  const writes = money.fake.requests.slice(before).filter(({ method }) => method === 'POST');
  const keys = writes.map(({ idempotencyKey }) => idempotencyKey);
  expect(keys).toEqual(keys.map(() => expect.stringContaining(id)));
  expect(new Set(keys).size).toBe(2);
});

test('of twenty refunds that are asked for at once, none exceeds what is left', async () => {
  const part = 3000;
  const answers = await Promise.allSettled(Array.from({ length: 20 }, () => request(part)));
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? answer.reason : []));
  const fitting = Math.floor(price / part);
  expect(answers.length - refused.length).toBe(fitting);
  for (const error of refused) expect(error).toMatchObject({ kind: refundTooLarge });
  await money.deliver();
  expect(atStripe().map(({ amount }) => amount)).toEqual(Array(fitting).fill(part));
  expect((await rows()).every(({ status }) => status === 'succeeded')).toBe(true);
});

test('of the same request that is sent many times at once, one is carried out', async () => {
  const answers = await Promise.allSettled(
    Array.from({ length: 10 }, () => request(500, { refundedBefore: 0 })),
  );
  const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? answer.reason : []));
  expect(refused).toHaveLength(9);
  for (const error of refused) {
    expect(error).toMatchObject({ kind: refundOutdated });
    expect(error.message).toContain('€5.00');
  }
  await money.deliver();
  expect(atStripe().map(({ amount }) => amount)).toEqual([500]);
});

test('a request that knows what was refunded before is carried out, also once that came back', async () => {
  await request(500, { refundedBefore: 0 });
  expect(await request(300, { refundedBefore: 500 })).toMatchObject({ status: 'requested' });
  await money.rows(`UPDATE billing_refunds SET status = 'failed' WHERE amount = 500`);
  await expect(request(100, { refundedBefore: 800 })).rejects.toMatchObject({
    kind: refundOutdated,
  });
  expect(await request(100, { refundedBefore: 300 })).toMatchObject({ status: 'requested' });
  expect(await money.refunds.listOf(customer.accountId, paymentId)).toMatchObject([
    { amount: 100 },
    { amount: 300 },
    { amount: 500, status: 'failed' },
  ]);
});

test('another account cannot have a payment refunded, and nothing can be by no amount', async () => {
  const stranger = await money.addCustomer();
  const asking = { paymentId, reason: 'duplicate', requestedBy: 'operator:ann' } as const;
  await expect(
    money.refunds.request({ ...asking, accountId: stranger.accountId, amount: 1 }),
  ).rejects.toMatchObject({ kind: notFound });
  for (const amount of [0, -5, 0.5, Number.NaN]) {
    await expect(request(amount)).rejects.toThrow(RangeError);
  }
  expect(await rows()).toEqual([]);
});

test('a process that ends between the answer of Stripe and the commit refunds once', async () => {
  const { id } = await request(500);
  for (let death = 0; death < 3; death += 1) {
    await expect(attempt(id, dying())).rejects.toThrow('The process ended');
  }
  expect(await rows()).toMatchObject([{ status: 'requested', stripe_refund_id: null }]);
  await attempt(id);
  await attempt(id);
  expect(atStripe()).toHaveLength(1);
  expect(await rows()).toMatchObject([
    { status: 'succeeded', stripe_refund_id: atStripe()[0]?.id },
  ]);
});

test('an answer that is lost is no second refund', async () => {
  const { id } = await request(500);
  // The client itself asks twice.
  money.fake.fail({ path: '/v1/refunds', method: 'POST', times: 2, with: 'lost' });
  await expect(attempt(id)).rejects.toThrow('Stripe did not take it');
  expect(await rows()).toMatchObject([{ status: 'requested' }]);
  await attempt(id);
  expect(atStripe()).toHaveLength(1);
});

test.for([
  ['without having made it', 500],
  ['after having made it', 'broken'],
] as const)('a refund that Stripe failed at, %s, is made once', async ([, failure]) => {
  const { id } = await request(500);
  money.fake.fail({ path: '/v1/refunds', method: 'POST', with: failure });
  await expect(attempt(id)).rejects.toThrow('Stripe did not take it');
  expect(await rows()).toMatchObject([{ status: 'requested', failures: 1 }]);
  await attempt(id);
  expect(atStripe()).toHaveLength(1);
  expect(await rows()).toMatchObject([{ status: 'succeeded' }]);
});

test('a refund is made once even after Stripe has forgotten its idempotency key', async () => {
  const { id } = await request(500);
  await expect(attempt(id, dying())).rejects.toThrow('The process ended');
  money.fake.advance({ days: 2 });
  await money.rows(
    'UPDATE billing_refunds SET created_at = NOW(3) - INTERVAL 2 DAY WHERE id = ?',
    id,
  );
  await attempt(id);
  expect(atStripe()).toHaveLength(1);
  expect(await rows()).toMatchObject([{ stripe_refund_id: atStripe()[0]?.id }]);
});

test('what Stripe refuses for good is failed, told in the log, and leaves the money free', async () => {
  money.fake.refunds.create(chargeId);
  const { id } = await request(500);
  await money.deliver();
  expect(await rows()).toMatchObject([{ status: 'failed', failure: 'charge_already_refunded' }]);
  expect(money.log).toContainEqual(
    expect.objectContaining({ msg: 'Stripe refused a refund', refundId: id, level: 'error' }),
  );
  const letters = await money.rows("SELECT state FROM outbox WHERE kind = 'stripe.refund'");
  expect(letters.every(({ state }) => state === 'sent')).toBe(true);
  expect(await request(price)).toMatchObject({ status: 'requested' });
});

test('a charge that Stripe does not know, as with the key of another account, is asked again', async () => {
  const { charges } = money.fake.objects;
  const charge = charges.get(chargeId);
  charges.delete(chargeId);
  const { id } = await request(500);
  await expect(attempt(id)).rejects.toThrow('Stripe did not take it (resource_missing)');
  expect(await rows()).toMatchObject([{ status: 'requested' }]);
  if (charge !== undefined) charges.set(chargeId, charge);
  await attempt(id);
  expect(await rows()).toMatchObject([{ status: 'succeeded' }]);
});

test('a refund that the balance at Stripe does not cover is asked again', async () => {
  const { id } = await request(500);
  money.fake.refunds.lackBalance(true);
  await expect(attempt(id)).rejects.toThrow('Stripe did not take it (balance_insufficient)');
  money.fake.refunds.lackBalance(false);
  await attempt(id);
  expect(await rows()).toMatchObject([{ status: 'succeeded' }]);
});
