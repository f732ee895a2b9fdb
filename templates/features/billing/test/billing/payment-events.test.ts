import type { Stripe } from 'stripe';
import { expect, test } from 'vitest';
import { sendGraceMails } from '#app/domains/billing/grace.ts';
import { invoicePaidWith } from '#app/domains/billing/webhooks/handlers/invoice-paid.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { service } from '#app/service.ts';
import { price, useMoney, type TestCustomer } from './support/money.ts';

const money = useMoney();

const invoices = ({ accountId }: TestCustomer) =>
  money.rows('SELECT * FROM billing_invoices WHERE account_id = ?', accountId);
const payments = ({ accountId }: TestCustomer) =>
  money.rows('SELECT * FROM billing_payments WHERE account_id = ?', accountId);

const granted = ({ accountId }: TestCustomer) =>
  money.rows(
    "SELECT * FROM audit_log WHERE action = 'credit.granted' AND subject = ?",
    `account:${accountId}`,
  );

/** An effect that can be counted. */
const granting = invoicePaidWith(async ({ tx }, { accountId }) =>
  recordAct(tx, { actor: 'system', action: 'credit.granted', subject: `account:${accountId}` }),
);

test('an invoice that was paid is written with its payment', async () => {
  const customer = await money.addCustomer();
  const charge = await money.buy(customer);
  await money.process(money.takeEvents());
  const [invoice] = await invoices(customer);
  expect(invoice).toMatchObject({
    status: 'paid',
    currency: 'eur',
    total: price,
    amount_paid: price,
    number: expect.any(String),
    hosted_url: expect.stringContaining('http'),
    issued_at: expect.any(Date),
    next_attempt_at: null,
  });
  expect(await payments(customer)).toMatchObject([
    {
      invoice_id: invoice?.['id'],
      stripe_charge_id: charge.id,
      stripe_payment_intent_id: charge.payment_intent,
      amount: price,
      amount_refunded: 0,
      dispute_status: null,
      paid_at: new Date(charge.created * 1000),
    },
  ]);
});

test('W10: two events for one paid invoice have one effect', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  const event = money.takeEvents().find(({ type }) => type === 'invoice.paid');
  if (event === undefined) throw new Error('No invoice was paid');
  const events = [event, { ...event, id: 'evt_2' }, { ...event, id: 'evt_3' }];
  await Promise.all(events.map((each) => money.process([each], { handlers: [granting] })));
  await money.process(events, { handlers: [granting] });
  expect(await granted(customer)).toHaveLength(1);
  expect(await invoices(customer)).toHaveLength(1);
  expect(await payments(customer)).toHaveLength(1);
});

test('an effect that fails is undone with all the rest, and made when the event comes again', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  const events = money.takeEvents().filter(({ type }) => type === 'invoice.paid');
  const failing = invoicePaidWith(() => Promise.reject(new Error('no')));
  await expect(money.process(events, { handlers: [failing] })).rejects.toThrow('no');
  expect(await invoices(customer)).toEqual([]);
  await money.process(events, { handlers: [granting] });
  expect(await granted(customer)).toHaveLength(1);
});

test('Stripe is asked how things stand only once the account is locked', async () => {
  const { accountId, ...customer } = await money.addCustomer();
  const charge = await money.buy({ accountId, ...customer });
  money.fake.refunds.create(charge.id, 5);
  const free = 'SELECT 1 FROM billing_customers WHERE account_id = ? FOR UPDATE SKIP LOCKED';
  const asked: string[] = [];
  /** Notes what is asked for, and whether anybody else could write meanwhile. */
  const watched = (name: 'invoices' | 'charges') =>
    Object.create(money.stripe[name], {
      retrieve: {
        value: async (...parameters: unknown[]) => {
          const unlocked = await money.rows(free, accountId);
          asked.push(`${name} ${unlocked.length === 0 ? 'locked' : 'free'}`);
          return Reflect.apply(money.stripe[name].retrieve, money.stripe[name], parameters);
        },
      },
    });
  const stripe: Stripe = Object.create(money.stripe, {
    invoices: { value: watched('invoices') },
    charges: { value: watched('charges') },
  });
  await money.process(money.takeEvents(), { stripe });
  expect([...new Set(asked)]).toEqual(['invoices locked', 'charges locked']);
});

test('an invoice of a customer that is none of ours has no effect', async () => {
  const stranger = await money.stripe.customers.create({ email: 'stranger@example.com' });
  const customer = { accountId: '', customerId: stranger.id, email: '' };
  const charge = await money.buy(customer);
  money.fake.refunds.create(charge.id, 5);
  money.fake.disputes.close(money.fake.disputes.open(charge.id).id, 'lost');
  const before = await money.rows('SELECT id FROM billing_invoices');
  await money.process(money.takeEvents());
  expect(await money.rows('SELECT id FROM billing_invoices')).toEqual(before);
  expect(
    await money.rows('SELECT id FROM billing_payments WHERE stripe_charge_id = ?', charge.id),
  ).toEqual([]);
});

test('an invoice that could not be paid is open, and says when it is tried again', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  await money.process(money.takeEvents());
  money.fake.declineCards(customer.customerId);
  money.fake.advance({ days: 366 });
  const events = money.takeEvents().filter(({ type }) => type === 'invoice.payment_failed');
  await money.process(events);
  const open = (await invoices(customer)).filter(({ status }) => status === 'open');
  expect(open).toMatchObject([{ amount_paid: 0, amount_due: price }]);
  expect(open[0]?.['next_attempt_at']).toBeInstanceOf(Date);
  expect(await payments(customer)).toHaveLength(1);
});

test('an invoice shows from the moment that it can be paid', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  await money.process(money.takeEvents().filter(({ type }) => type === 'invoice.finalized'));
  expect(await invoices(customer)).toMatchObject([{ total: price }]);
});

test.for([
  ['voided', 'void'],
  ['marked_uncollectible', 'uncollectible'],
] as const)('an open invoice that was %s is no longer open', async ([event, status]) => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  money.fake.declineCards(customer.customerId);
  money.fake.advance({ days: 366 });
  await money.process(money.takeEvents());
  const open = (await invoices(customer)).find((invoice) => invoice['status'] === 'open');
  const id = String(open?.['stripe_invoice_id']);
  if (status === 'void') await money.stripe.invoices.voidInvoice(id);
  else await money.stripe.invoices.markUncollectible(id);
  await money.process(money.takeEvents().filter(({ type }) => type === `invoice.${event}`));
  const now = (await invoices(customer)).find((invoice) => invoice['stripe_invoice_id'] === id);
  expect(now).toMatchObject({ status });
});

test('a payment that the bank wants confirmed is told once each time that it is tried', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  await money.process(money.takeEvents());
  money.fake.askForConfirmation(customer.customerId);
  money.fake.advance({ days: 366 });
  const events = money
    .takeEvents()
    .filter(({ type }) => type === 'invoice.payment_action_required');
  for (let time = 0; time < 2; time += 1) await money.process(events);
  await money.deliver();
  const mails = money.mails.filter(({ to }) => to === customer.email);
  const attempts = await money.rows(
    "SELECT source FROM billing_effects WHERE account_id = ? AND source LIKE 'invoice.payment_action%'",
    customer.accountId,
  );
  expect(mails.map(({ subject }) => subject)).toEqual(
    attempts.map(() => `Confirm your payment to ${service.name}`),
  );
  expect(mails.length).toBeGreaterThan(0);
  const open = (await invoices(customer)).find(({ status }) => status === 'open');
  expect(mails[0]?.text).toContain(open?.['hosted_url']);
  expect(mails[0]?.text).toContain('€200.00');
});

test('a payment that the bank wants confirmed and that is owed until then is told in one mail', async () => {
  const customer = await money.addCustomer();
  await money.buy(customer);
  await money.process(money.takeEvents());
  money.fake.askForConfirmation(customer.customerId);
  money.fake.advance({ days: 366 });
  const asked = money
    .takeEvents()
    .filter(
      ({ type, data }) =>
        type === 'invoice.payment_action_required' &&
        Reflect.get(data.object, 'customer') === customer.customerId,
    );
  await money.process(asked.slice(0, 1));
  await sendGraceMails({ ...money.services, outbox: money.outbox });
  await money.deliver();
  const mails = money.mails.filter(({ to }) => to === customer.email);
  expect(mails.map(({ subject }) => subject)).toEqual([`Confirm your payment to ${service.name}`]);
  expect(mails[0]?.text).toContain('you keep Pro');
});

async function acts(accountId: string): Promise<unknown[]> {
  const found = await money.rows(
    'SELECT actor, action, detail FROM audit_log WHERE subject = ? ORDER BY id',
    `account:${accountId}`,
  );
  return found.map(({ actor, action, detail }) => {
    const { status } = JSON.parse(detail);
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
    const lines = money.log.filter(({ disputeId }) => disputeId === dispute.id);
    expect(lines.map(({ level, msg }) => [level, msg])).toEqual([
      ['error', 'a dispute was opened'],
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
