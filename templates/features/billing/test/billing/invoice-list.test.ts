import { expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { useBilling } from './support/billing.ts';
import { allProcessed, newSubscriber, planPrices, type Subscriber } from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });

const day = 86_400_000;
const newest = Date.UTC(2026, 0, 31, 12, 0, 0, 5);

/** Writes an invoice as if it had been read from Stripe. */
async function write(accountId: string, columns: Record<string, unknown>): Promise<void> {
  const id = newId();
  await billing.service.database.connection.query('INSERT INTO billing_invoices SET ?', {
    account_id: accountId,
    id,
    stripe_invoice_id: `in_${id}`,
    number: 'A-1',
    status: 'paid',
    currency: 'eur',
    total: 1900,
    amount_paid: 1900,
    amount_due: 1900,
    issued_at: new Date(newest),
    ...columns,
  });
}

const cursorOf = (value: unknown): string =>
  Buffer.from(JSON.stringify(value)).toString('base64url');

const list = async (subscriber: Subscriber, query = '') =>
  (await subscriber.get(`/v1/billing/invoices${query}`)).body;

test('what was paid shows as an invoice, and what is sent back at Stripe as a refund', async () => {
  const subscriber = await newSubscriber(billing);
  await subscriber.subscribe({ plan: 'pro', interval: 'year' });
  // The trial has an invoice over nothing.
  billing.stripe.advance({ days: 15 });
  await allProcessed(billing);
  const { data } = await list(subscriber);
  expect(data).toMatchObject([
    { status: 'paid', total: 29_000, amountPaid: 29_000, hostedUrl: expect.any(String) },
    { status: 'paid', total: 0 },
  ]);

  const [payment] = await subscriber.rows('billing_payments');
  billing.stripe.refunds.create(payment?.['stripe_charge_id'], 100);
  await allProcessed(billing);
  expect(await subscriber.rows('billing_refunds')).toMatchObject([
    { amount: 100, status: 'succeeded', requested_by: 'stripe' },
  ]);
});

test('an invoice is shown with its amounts, its pages and its moments', async () => {
  const user = await newSubscriber(billing);
  await write(user.accountId, {
    status: 'open',
    amount_paid: 0,
    hosted_url: 'https://invoice.stripe.com/i/1',
    pdf_url: 'https://invoice.stripe.com/i/1/pdf',
    next_attempt_at: new Date(newest + 3 * day),
  });
  expect(await list(user)).toEqual({
    data: [
      {
        id: expect.any(String),
        number: 'A-1',
        status: 'open',
        currency: 'eur',
        total: 1900,
        amountPaid: 0,
        amountDue: 1900,
        hostedUrl: 'https://invoice.stripe.com/i/1',
        pdfUrl: 'https://invoice.stripe.com/i/1/pdf',
        issuedAt: '2026-01-31T12:00:00.005Z',
        nextAttemptAt: '2026-02-03T12:00:00.005Z',
      },
    ],
    nextCursor: null,
  });
});

test('page by page, each invoice is shown once, the newest first, and no draft', async () => {
  const user = await newSubscriber(billing);
  // Three of one moment: only their ids tell them apart.
  const ages = [0, 1, 1, 1, 2, 5, 9];
  for (const age of ages) {
    await write(user.accountId, { number: `${age}`, issued_at: new Date(newest - age * day) });
  }
  await write(user.accountId, { number: null, status: 'draft' });

  const seen: { id: string; number: string }[] = [];
  let query = '?limit=2';
  for (let page = 0; page < 4; page += 1) {
    const { data, nextCursor } = await list(user, query);
    seen.push(...data);
    query = `?limit=2&cursor=${nextCursor}`;
    expect(nextCursor === null).toBe(page === 3);
  }
  expect(seen.map(({ number }) => number)).toEqual(ages.map(String));
  expect(new Set(seen.map(({ id }) => id)).size).toBe(ages.length);
});

test('an account sees its own invoices alone, whosever cursor it sends', async () => {
  const [ann, bob] = [await newSubscriber(billing), await newSubscriber(billing)];
  for (const number of ['ann 1', 'ann 2']) await write(ann.accountId, { number });
  await write(bob.accountId, { number: 'bob 1', issued_at: new Date(newest - day) });

  const { nextCursor } = await list(ann, '?limit=1');
  expect(nextCursor).toEqual(expect.any(String));
  for (const query of ['', `?cursor=${nextCursor}`]) {
    const { data } = await list(bob, query);
    expect(data.map(({ number }: { number: string }) => number)).toEqual(['bob 1']);
  }
});

test('nobody sees invoices without signing in, and a cursor of another making is refused', async () => {
  expect((await billing.service.get('/v1/billing/invoices')).status).toBe(401);
  const user = await newSubscriber(billing);
  for (const value of ['x', [], ['2026-01-31', newId()], { id: "' OR 1=1" }]) {
    const cursor = value === 'x' ? value : cursorOf(value);
    const answer = await user.get(`/v1/billing/invoices?cursor=${cursor}`);
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  }
});
