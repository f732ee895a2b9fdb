// What this service knows of Stripe's objects, and what it has asked Stripe to do. Stripe decides:
// rows are written from what it says (see sync), never from what we hope.
import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  char,
  foreignKey,
  index,
  int,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  text,
  uniqueIndex,
  varchar,
} from 'drizzle-orm/mysql-core';
import { asciiText, createdAt, exactText, moment, updatedAt, uuid } from '#app/database/columns.ts';
import { accounts } from '#app/domains/accounts/models.ts';

const owner = () =>
  uuid('account_id')
    .notNull()
    .references(() => accounts.id);
const stripeId = (name: string) => asciiText(name, { length: 255 });
/** How often Stripe has failed at what the row asks of it, under a key of which this is a part. */
const failures = () => int('failures', { unsigned: true }).notNull().default(0);
/** In the smallest unit of its currency. */
const amount = (name: string) => bigint(name, { mode: 'number' });
/** ISO 4217, in lower case as Stripe has it. */
const currency = () => char('currency', { length: 3 });

/**
 * An account as a customer of Stripe. Its row is what everything about the account's billing is
 * locked by.
 */
export const billingCustomers = mysqlTable(
  'billing_customers',
  {
    accountId: uuid('account_id')
      .primaryKey()
      .references(() => accounts.id),
    stripeCustomerId: stripeId('stripe_customer_id'),
    /** When its first trial began: there is one for each account. */
    trialUsedAt: moment('trial_used_at'),
    createdAt: createdAt(),
  },
  (table) => [uniqueIndex('billing_customers_stripe').on(table.stripeCustomerId)],
);

/**
 * A customer that an account had, and was deleted at Stripe: events of what it has paid, and of what
 * ended with it, may still come.
 */
export const billingFormerCustomers = mysqlTable(
  'billing_former_customers',
  {
    stripeCustomerId: stripeId('stripe_customer_id').primaryKey(),
    accountId: owner(),
    createdAt: createdAt(),
  },
  (table) => [index('billing_former_customers_account').on(table.accountId)],
);

export const billingSubscriptions = mysqlTable(
  'billing_subscriptions',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    stripeSubscriptionId: stripeId('stripe_subscription_id').notNull(),
    /** As Stripe has it: https://docs.stripe.com/api/subscriptions/object#subscription_object-status */
    status: asciiText('status', { length: 30 }).notNull(),
    /**
     * What the price says of its plan, see `planOf`. Which plan that is, is decided when it is read:
     * whoever writes the row may be a version that does not have the plan yet, or any more.
     */
    priceLookupKey: exactText('price_lookup_key', { length: 255 }),
    pricePlan: asciiText('price_plan', { length: 50 }),
    stripePriceId: stripeId('stripe_price_id').notNull(),
    interval: mysqlEnum('interval', ['month', 'year']),
    quantity: int('quantity', { unsigned: true }).notNull(),
    currentPeriodEnd: moment('current_period_end').notNull(),
    trialEnd: moment('trial_end'),
    /** When it will end by itself. */
    cancelAt: moment('cancel_at'),
    endedAt: moment('ended_at'),
    /** Since when payment is owed, by the invoice that was not paid: what grace is counted from. */
    pastDueSince: moment('past_due_since'),
    /** Whether collection is paused at Stripe: the plan is given away for a while. */
    paused: boolean('paused').notNull().default(false),
    /**
     * When it must change at Stripe, whether or not that is heard; null where nothing comes any more.
     * Stored: by an index of a virtual column MariaDB misses rows while others write.
     */
    changesAt: moment('changes_at').generatedAlwaysAs(
      sql`CASE
        WHEN status IN ('canceled', 'incomplete_expired') THEN NULL
        WHEN status = 'incomplete' THEN created_at
        ELSE LEAST(current_period_end, COALESCE(cancel_at, current_period_end))
      END`,
      { mode: 'stored' },
    ),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    uniqueIndex('billing_subscriptions_stripe').on(table.stripeSubscriptionId),
    index('billing_subscriptions_status').on(table.status),
    index('billing_subscriptions_past_due').on(table.pastDueSince),
    index('billing_subscriptions_changes').on(table.changesAt),
  ],
);

/** A checkout that was begun: one at a time is open for an account. */
export const billingCheckouts = mysqlTable(
  'billing_checkouts',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    plan: asciiText('plan', { length: 50 }).notNull(),
    interval: mysqlEnum('interval', ['month', 'year']).notNull(),
    quantity: int('quantity', { unsigned: true }).notNull(),
    state: mysqlEnum('state', ['open', 'completed', 'expired']).notNull().default('open'),
    stripeSessionId: stripeId('stripe_session_id'),
    url: text('url'),
    expiresAt: moment('expires_at'),
    failures: failures(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    uniqueIndex('billing_checkouts_stripe').on(table.stripeSessionId),
  ],
);

export const billingInvoices = mysqlTable(
  'billing_invoices',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    stripeInvoiceId: stripeId('stripe_invoice_id').notNull(),
    number: varchar('number', { length: 100 }),
    status: mysqlEnum('status', ['draft', 'open', 'paid', 'uncollectible', 'void']).notNull(),
    currency: currency().notNull(),
    total: amount('total').notNull(),
    amountPaid: amount('amount_paid').notNull(),
    amountDue: amount('amount_due').notNull(),
    /** Stripe's page on which it can be seen and paid. */
    hostedUrl: text('hosted_url'),
    pdfUrl: text('pdf_url'),
    nextAttemptAt: moment('next_attempt_at'),
    issuedAt: moment('issued_at').notNull(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    uniqueIndex('billing_invoices_stripe').on(table.stripeInvoiceId),
    index('billing_invoices_issued').on(table.accountId, table.issuedAt),
  ],
);

/** Money that was received. */
export const billingPayments = mysqlTable(
  'billing_payments',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    invoiceId: uuid('invoice_id'),
    stripePaymentIntentId: stripeId('stripe_payment_intent_id'),
    stripeChargeId: stripeId('stripe_charge_id').notNull(),
    currency: currency().notNull(),
    amount: amount('amount').notNull(),
    /** As Stripe has it; refunds that are only asked for are not in it. */
    amountRefunded: amount('amount_refunded').notNull().default(0),
    /** https://docs.stripe.com/api/disputes/object#dispute_object-status; null where there is none. */
    disputeStatus: asciiText('dispute_status', { length: 40 }),
    paidAt: moment('paid_at').notNull(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    uniqueIndex('billing_payments_charge').on(table.stripeChargeId),
    index('billing_payments_paid').on(table.accountId, table.paidAt),
    index('billing_payments_intent').on(table.stripePaymentIntentId),
    // All that a sum over some days reads.
    index('billing_payments_days').on(table.paidAt, table.currency, table.amount),
    foreignKey({
      name: 'billing_payments_invoice',
      columns: [table.accountId, table.invoiceId],
      foreignColumns: [billingInvoices.accountId, billingInvoices.id],
    }),
  ],
);

/** Money that goes back: written before Stripe is asked, so that none is sent twice or forgotten. */
export const billingRefunds = mysqlTable(
  'billing_refunds',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    paymentId: uuid('payment_id').notNull(),
    currency: currency().notNull(),
    amount: amount('amount').notNull(),
    reason: mysqlEnum('reason', ['duplicate', 'fraudulent', 'requested_by_customer']).notNull(),
    /** `requested` until Stripe has taken it; then as Stripe has it. */
    status: mysqlEnum('status', [
      'requested',
      'pending',
      'requires_action',
      'succeeded',
      'failed',
      'canceled',
    ]).notNull(),
    stripeRefundId: stripeId('stripe_refund_id'),
    failure: varchar('failure', { length: 500 }),
    /** Who asked for it, as the audit log calls them; `stripe` for one made there. */
    requestedBy: varchar('requested_by', { length: 100 }).notNull(),
    failures: failures(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    uniqueIndex('billing_refunds_stripe').on(table.stripeRefundId),
    index('billing_refunds_payment').on(table.accountId, table.paymentId),
    index('billing_refunds_created').on(table.createdAt),
    foreignKey({
      name: 'billing_refunds_of_payment',
      columns: [table.accountId, table.paymentId],
      foreignColumns: [billingPayments.accountId, billingPayments.id],
    }),
  ],
);

/**
 * What was asked of Stripe; its id is part of the idempotency key that Stripe was given. Once Stripe
 * has long forgotten the key, the row is removed.
 */
export const billingRequests = mysqlTable(
  'billing_requests',
  {
    accountId: owner(),
    id: uuid('id').notNull(),
    kind: mysqlEnum('kind', ['customer', 'portal', 'cancel', 'resume', 'change']).notNull(),
    failures: failures(),
    createdAt: createdAt(),
    /** When Stripe did it; null where it refused, or was not heard. */
    doneAt: moment('done_at'),
  },
  (table) => [
    primaryKey({ columns: [table.accountId, table.id] }),
    index('billing_requests_created').on(table.createdAt),
  ],
);

/** One-shot effects that were made, by what they were made for: `invoice.paid:in_…`. */
export const billingEffects = mysqlTable('billing_effects', {
  source: stripeId('source').primaryKey(),
  accountId: owner(),
  createdAt: moment('created_at')
    .notNull()
    .default(sql`CURRENT_TIMESTAMP(3)`),
});
