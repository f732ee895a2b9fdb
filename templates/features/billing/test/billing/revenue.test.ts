import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { recentRevenue } from '#app/domains/billing/revenue.ts';
import { useMoney } from './support/money.ts';

const money = useMoney();

async function pay(daysAgo: number, amount: number, currency = 'eur'): Promise<RowDataPacket> {
  const { accountId } = await money.addCustomer();
  await money.rows(
    `INSERT INTO billing_payments SET account_id = ?, id = UUID(), currency = ?, amount = ?,
       stripe_charge_id = CONCAT('ch_', UUID()),
       paid_at = TIMESTAMP(UTC_DATE() - INTERVAL ? DAY, '00:00:00')`,
    accountId,
    currency,
    amount,
    daysAgo,
  );
  const [payment] = await money.rows(
    'SELECT * FROM billing_payments WHERE account_id = ?',
    accountId,
  );
  if (payment === undefined) throw new Error('The payment is not there');
  return payment;
}

async function sendBack(
  { account_id: accountId, id, currency }: RowDataPacket,
  amount: number,
  status: string,
): Promise<void> {
  await money.rows(
    `INSERT INTO billing_refunds SET account_id = ?, id = UUID(), payment_id = ?, currency = ?,
       amount = ?, reason = 'duplicate', status = ?, requested_by = 'x', created_at = UTC_TIMESTAMP(3)`,
    accountId,
    id,
    currency,
    amount,
    status,
  );
}

test('the revenue is what was paid less what is sent back, by day and currency, of 31 days', async () => {
  const paid = await pay(30, 1000);
  await pay(30, 500);
  await pay(31, 7777);
  await pay(2, 1900, 'jpy');
  await pay(0, 300);
  await sendBack(paid, 100, 'succeeded');
  await sendBack(paid, 50, 'requested');
  // These have come back, or were never sent.
  await sendBack(paid, 400, 'failed');
  await sendBack(paid, 400, 'canceled');

  const { today, rows } = await recentRevenue(money.database.queries);
  const dayOf = (daysAgo: number) =>
    new Date(Date.parse(today) - daysAgo * 86_400_000).toISOString().slice(0, 10);
  expect(rows.toSorted((a, b) => a.day.localeCompare(b.day) || b.amount - a.amount)).toEqual([
    { day: dayOf(30), currency: 'eur', amount: 1500 },
    { day: dayOf(2), currency: 'jpy', amount: 1900 },
    { day: today, currency: 'eur', amount: 300 },
    { day: today, currency: 'eur', amount: -150 },
  ]);
});
