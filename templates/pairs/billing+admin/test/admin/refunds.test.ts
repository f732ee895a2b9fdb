import { html } from 'ghtml';
import { beforeAll, expect, test } from 'vitest';
import { useBilling } from '../billing/support/billing.ts';
import { allProcessed, planPrices, select } from '../billing/support/subscriber.ts';
import { actsBy } from './support/stored-events.ts';
import { formIn } from './support/form-in.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { holdsMarkup, markup } from './support/markup.ts';
import { newPayer, type Payer } from './support/payer.ts';

const yen = {
  lookupKey: 'yen_month',
  unitAmount: 1900,
  currency: 'jpy',
  interval: 'month',
  productName: 'Yen',
} as const;
const billing = useBilling({}, { prices: [...planPrices, yen] });
let operator: SignedInOperator;

beforeAll(async () => {
  operator = await signInOperator(billing.service, 'support');
});

const atStripe = ({ payment }: Payer) =>
  [...billing.stripe.objects.refunds.values()].filter(({ charge }) => charge === payment.chargeId);
const rows = (payer: Payer) => payer.rows('billing_refunds');
const acts = async ({ accountId }: Payer) => {
  const all = await actsBy(billing, 'subject', `account:${accountId}`);
  return all.filter(({ action }) => action === 'refund.requested');
};

/** Opens the payment's page, changes the form and gives what would be sent. */
async function fill(
  { payment }: Payer,
  changes: Record<string, string> = {},
): Promise<Record<string, string>> {
  const { body } = await operator.get(payment.path);
  const form = formIn(body, 'refund');
  if (form === undefined) throw new Error('The page has no form');
  return { ...form, _confirm: 'on', ...changes };
}

const send = ({ payment }: Payer, form: Record<string, string>) =>
  operator.post(`${payment.path}/refund`, form);

test('a refund goes from the form to Stripe, once, and its state is on the page', async () => {
  const payer = await newPayer(billing);
  const form = await fill(payer);
  expect(form).toMatchObject({ amount: '29.00', reason: 'requested_by_customer' });

  const answer = await send(payer, { ...form, amount: '5.5', reason: 'duplicate' });
  expect(answer.status).toBe(303);
  expect(answer.headers.get('location')).toBe(`${payer.payment.path}?done=refund`);
  await expect.poll(() => atStripe(payer)).toMatchObject([{ amount: 550, reason: 'duplicate' }]);
  await allProcessed(billing);

  expect(await rows(payer)).toMatchObject([
    { amount: 550, status: 'succeeded', requested_by: `admin:${operator.id}` },
  ]);
  expect(await acts(payer)).toMatchObject([{ actor: `admin:${operator.id}` }]);
  const { body } = await operator.get(`${payer.payment.path}?done=refund`);
  expect(body).toContain('asked of Stripe now');
  expect(body).toContain('$5.50');
  expect(body).toContain('$23.50');
  expect(body).toContain('succeeded');
  expect(formIn(body, 'refund')).toMatchObject({ amount: '23.50' });
});

test('a form that is sent many times at once refunds once, and says so', async () => {
  const payer = await newPayer(billing);
  const form = await fill(payer, { amount: '5.00' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => send(payer, form)));
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([303, 422, 422, 422, 422]);
  for (const { body } of answers.filter(({ status }) => status === 422)) {
    expect(body).toContain('By now $5.00 of the payment is refunded');
  }
  await expect.poll(() => atStripe(payer)).toMatchObject([{ amount: 500 }]);
  expect(await rows(payer)).toHaveLength(1);
});

test('a page that is out of date is said to be, keeps what was typed, and can be sent again', async () => {
  const payer = await newPayer(billing);
  const form = await fill(payer, { amount: '7.77', reason: 'fraudulent' });
  billing.stripe.refunds.create(payer.payment.chargeId, 100);
  await allProcessed(billing);

  const refused = await send(payer, form);
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('By now $1.00 of the payment is refunded');
  const again = formIn(refused.body, 'refund');
  expect(again).toMatchObject({ amount: '7.77', reason: 'fraudulent' });
  expect(await rows(payer)).toHaveLength(1);

  const { status } = await send(payer, { ...again, _confirm: 'on' });
  expect(status).toBe(303);
  await expect.poll(() => atStripe(payer).length).toBe(2);
});

test('more than is left is refused in the form', async () => {
  const payer = await newPayer(billing);
  const refused = await send(payer, await fill(payer, { amount: '29.01' }));
  expect(refused.status).toBe(422);
  expect(refused.body).toContain('$29.00 is left of the payment');
  expect(formIn(refused.body, 'refund')).toMatchObject({ amount: '29.01' });
  expect(await rows(payer)).toEqual([]);
});

test('nothing is refunded by what is no amount, without the box, or for no reason of Stripe’s', async () => {
  const payer = await newPayer(billing);
  const form = await fill(payer);
  const amounts = ['', ' ', '0', '0.00', '-5', '1.005', '1,50', '1e3', 'NaN', '9'.repeat(30)];
  for (const amount of [...amounts, ...markup]) {
    const refused = await send(payer, { ...form, amount });
    expect({ amount, status: refused.status }).toEqual({ amount, status: 422 });
    expect(refused.body).toContain('aria-invalid="true"');
    expect(holdsMarkup(refused.body)).toBe(false);
  }
  const { _confirm: _, ...unconfirmed } = form;
  for (const wrong of [unconfirmed, { ...form, reason: 'because' }, { ...form, refunded: '-1' }]) {
    const refused = await send(payer, wrong);
    expect(refused.status).toBe(422);
  }
  expect(await rows(payer)).toEqual([]);
  expect(await acts(payer)).toEqual([]);
});

test('yen have no hundredths', async () => {
  const payer = await newPayer(billing, yen.lookupKey);
  const form = await fill(payer);
  expect(form).toMatchObject({ amount: '1900' });
  const refused = await send(payer, { ...form, amount: '19.00' });
  expect(refused.status).toBe(422);
  const taken = await send(payer, { ...form, amount: '19' });
  expect(taken.status).toBe(303);
  await expect.poll(() => atStripe(payer)).toMatchObject([{ amount: 19, currency: 'jpy' }]);
});

test('a payment of which nothing is left has no form', async () => {
  const payer = await newPayer(billing);
  billing.stripe.refunds.create(payer.payment.chargeId);
  await allProcessed(billing);
  const { body } = await operator.get(payer.payment.path);
  expect(formIn(body, 'refund')).toBeUndefined();
  expect(body).toContain('nothing is left');
});

test('who may only read has no form, and is refused and noted', async () => {
  const payer = await newPayer(billing);
  const form = await fill(payer);
  const reader = await signInOperator(billing.service, 'read-only');
  const { status, body } = await reader.get(payer.payment.path);
  expect(status).toBe(200);
  expect(formIn(body, 'refund')).toBeUndefined();
  const { _token: _, ...sent } = form;
  const refused = await reader.post(`${payer.payment.path}/refund`, sent);
  expect(refused.status).toBe(403);
  expect(await rows(payer)).toEqual([]);
  expect(await actsBy(billing, 'actor', `admin:${reader.id}`)).toMatchObject([
    { action: 'admin.denied', detail: { permission: 'refunds.create' } },
  ]);
});

test('who proved the second factor some time ago is asked for it first, and keeps what was typed', async () => {
  const payer = await newPayer(billing);
  const stale = await signInOperator(billing.service, 'support', { stale: true });
  const { _token: _, ...form } = await fill(payer, { amount: '3.21' });
  const asked = await stale.post(`${payer.payment.path}/refund`, form);
  expect(asked.status).toBe(403);
  expect(formIn(asked.body, 'refund')).toMatchObject({ amount: '3.21', refunded: '0', _code: '' });
  expect(await rows(payer)).toEqual([]);
});

test('a payment is on the page of its own account only', async () => {
  const [payer, stranger] = [await newPayer(billing), await newPayer(billing)];
  const path = `/admin/payments/${stranger.accountId}/${payer.payment.id}`;
  expect((await operator.get(path)).status).toBe(404);
  const form = await fill(payer);
  const refused = await operator.post(`${path}/refund`, form);
  expect(refused.status).toBe(404);
  expect(await rows(payer)).toEqual([]);
  expect((await operator.get('/admin/payments/x/y')).status).toBeLessThan(500);
});

test('what was stored is shown as text', async () => {
  const payer = await newPayer(billing);
  for (const [index, text] of markup.entries()) {
    await select(
      billing,
      `INSERT INTO billing_refunds SET account_id = ?, id = UUID(), payment_id = ?,
         currency = 'usd', amount = 1, reason = 'duplicate', status = 'failed', failure = ?,
         requested_by = ?, stripe_refund_id = ?`,
      payer.accountId,
      payer.payment.id,
      text,
      text,
      `re_${payer.payment.id}${index}`,
    );
    await select(
      billing,
      'UPDATE users SET email = ? WHERE account_id = ?',
      text.toLowerCase(),
      payer.accountId,
    );
    const { status, body } = await operator.get(payer.payment.path);
    expect(status).toBe(200);
    expect(holdsMarkup(body)).toBe(false);
    // Where the address, the failure and who has asked are.
    expect(String(body).split(html`${text}`).length).toBeGreaterThan(3);
  }
});
