import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { useService } from '../support/service.ts';
import { signUp, type SignedInUser } from '../support/users.ts';

const service = useService();

const day = 86_400_000;
const newest = Date.UTC(2026, 0, 31, 12, 0, 0, 5);

async function accountOf({ email }: SignedInUser): Promise<string> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT account_id AS id FROM users WHERE email = ?',
    [email],
  );
  return rows[0]?.['id'];
}

/** Writes an invoice as if it had been read from Stripe. */
async function write(accountId: string, columns: Record<string, unknown>): Promise<void> {
  const id = newId();
  await service.database.connection.query('INSERT INTO billing_invoices SET ?', {
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

const list = async (user: SignedInUser, query = '') =>
  (await service.get(`/v1/billing/invoices${query}`, user.authorization)).body;

test('an invoice is shown with its amounts, its pages and its moments', async () => {
  const user = await signUp(service);
  await write(await accountOf(user), {
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
  const user = await signUp(service);
  const accountId = await accountOf(user);
  // Three of one moment: only their ids tell them apart.
  const ages = [0, 1, 1, 1, 2, 5, 9];
  for (const age of ages) {
    await write(accountId, { number: `${age}`, issued_at: new Date(newest - age * day) });
  }
  await write(accountId, { number: null, status: 'draft' });

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
  const [ann, bob] = [await signUp(service), await signUp(service)];
  for (const number of ['ann 1', 'ann 2']) await write(await accountOf(ann), { number });
  await write(await accountOf(bob), { number: 'bob 1', issued_at: new Date(newest - day) });

  const { nextCursor } = await list(ann, '?limit=1');
  expect(nextCursor).toEqual(expect.any(String));
  for (const query of ['', `?cursor=${nextCursor}`]) {
    const { data } = await list(bob, query);
    expect(data.map(({ number }: { number: string }) => number)).toEqual(['bob 1']);
  }
});

test('nobody sees invoices without signing in, and a cursor of another making is refused', async () => {
  expect((await service.get('/v1/billing/invoices')).status).toBe(401);
  const { authorization } = await signUp(service);
  for (const value of ['x', [], ['2026-01-31', newId()], { id: "' OR 1=1" }]) {
    const cursor = value === 'x' ? value : cursorOf(value);
    const answer = await service.get(`/v1/billing/invoices?cursor=${cursor}`, authorization);
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation_failed' } });
  }
});
