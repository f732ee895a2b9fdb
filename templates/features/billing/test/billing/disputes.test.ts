import { expect, test } from 'vitest';
import { useMoney } from './support/money.ts';

const money = useMoney();

async function acts(accountId: string): Promise<unknown[]> {
  const found = await money.rows(
    'SELECT actor, action, detail FROM audit_log WHERE subject = ? ORDER BY id',
    `account:${accountId}`,
  );
  return found.map(({ actor, action, detail }) => {
    const { status } = typeof detail === 'string' ? JSON.parse(detail) : detail;
    return [actor, action, status];
  });
}

const statusOf = async (chargeId: string): Promise<unknown> => {
  const [payment] = await money.rows(
    'SELECT dispute_status AS status FROM billing_payments WHERE stripe_charge_id = ?',
    chargeId,
  );
  return payment?.['status'];
};

test.for(['won', 'lost'] as const)(
  'a dispute that is %s shows at its payment, in the log and in the audit log, once',
  async (outcome) => {
    const { accountId, ...customer } = await money.addCustomer();
    const charge = await money.buy({ accountId, ...customer });
    await money.process(money.takeEvents());
    const dispute = money.fake.disputes.open(charge.id);
    const opened = money.takeEvents();
    await money.process([...opened, ...opened]);
    expect(await statusOf(charge.id)).toBe('needs_response');

    money.fake.disputes.close(dispute.id, outcome);
    await money.process([...money.takeEvents(), ...opened]);
    expect(await statusOf(charge.id)).toBe(outcome);
    expect(await acts(accountId)).toEqual([
      ['stripe', 'payment.dispute_opened', 'needs_response'],
      ['stripe', 'payment.dispute_closed', outcome],
    ]);
    const warnings = money.log.filter(({ disputeId }) => disputeId === dispute.id);
    expect(warnings.map(({ level, msg }) => [level, msg])).toEqual([
      ['warn', 'a dispute was opened'],
      ['warn', 'a dispute was closed'],
    ]);
  },
);

test('a dispute that is heard of before its payment brings the payment', async () => {
  const customer = await money.addCustomer();
  const charge = await money.buy(customer);
  money.fake.disputes.open(charge.id);
  const events = money.takeEvents().filter(({ type }) => type === 'charge.dispute.created');
  expect(events).toHaveLength(1);
  await money.process(events);
  expect(await statusOf(charge.id)).toBe('needs_response');
});
