import type { Stripe } from 'stripe';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Settings } from '#app/settings.ts';
import { startCatchUp } from './catch-up.ts';
import { openCheckout, type Checkout } from './checkout.ts';
import { openEntitlements, type Entitlements, type ReadHolding } from './entitlements.ts';
import { startGrace } from './grace.ts';
import { openInvoices, type Invoices } from './invoices/invoices.ts';
import { openPayments, type Payments } from './payments/payments.ts';
import { openPortal, type Portal } from './portal.ts';
import { openRefunds, type Refunds } from './refunds/refunds.ts';
import { pruneRequests } from './requests.ts';
import { logRefusedKeys } from './stripe-errors.ts';
import { stripeClient } from './stripe.ts';
import { openSubscriptions, type Subscriptions } from './subscriptions/subscriptions.ts';
import { watchUnknownPlans } from './subscriptions/unknown-plans.ts';
import { handlers } from './webhooks/handlers/index.ts';
import { openInbox, type Inbox } from './webhooks/inbox.ts';

/** Milliseconds between removals of what nobody needs any more. */
const prunePause = 3_600_000;

/** What each part of billing is made from. */
export interface BillingDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly database: Database;
  readonly outbox: Outbox;
  /** @throws AppError (503) where no key of Stripe is set */
  readonly stripe: () => Stripe;
  /** What accounts have, where that is more than their plans give. */
  readonly readHolding?: ReadHolding;
}

/** What accounts pay for, and what they may therefore do. */
export interface BillingService {
  readonly entitlements: Entitlements;
  readonly checkout: Checkout;
  readonly portal: Portal;
  readonly subscriptions: Subscriptions;
  readonly invoices: Invoices;
  readonly payments: Payments;
  readonly refunds: Refunds;
  readonly inbox: Inbox;
  close(): Promise<void>;
}

/** Opens billing, and processes the events that Stripe sends until it is closed. */
export async function openBilling(given: Omit<BillingDeps, 'stripe'>): Promise<BillingService> {
  let client: Stripe | undefined;
  const { settings, log } = given;
  const openClient = () => logRefusedKeys(stripeClient(settings), log);
  const deps = { ...given, stripe: () => (client ??= openClient()) };
  const inbox = openInbox(deps, handlers);
  const grace = startGrace(deps);
  const unknownPlans = watchUnknownPlans(deps);
  const catchUp = startCatchUp(deps);
  const pruning = startLoop({ name: 'billing pruning', pause: prunePause, log }, () =>
    pruneRequests(deps.database),
  );

  return {
    entitlements: openEntitlements(deps),
    checkout: openCheckout(deps),
    portal: openPortal(deps),
    subscriptions: openSubscriptions(deps),
    invoices: openInvoices(deps),
    payments: openPayments(deps),
    refunds: openRefunds(deps),
    inbox,
    close: async () => {
      const parts = [inbox, grace, unknownPlans, catchUp, pruning];
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}
