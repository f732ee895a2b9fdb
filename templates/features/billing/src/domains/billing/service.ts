import type { Stripe } from 'stripe';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { Settings } from '#app/settings.ts';
import { startCatchUp } from './catch-up.ts';
import { openCheckout, type Checkout } from './checkout.ts';
import { openEntitlements, type Entitlements } from './entitlements.ts';
import { startGrace } from './grace.ts';
import { openInvoices, type Invoices } from './invoices/invoices.ts';
import { openPortal, type Portal } from './portal.ts';
import { openRefunds, type Refunds } from './refunds/refunds.ts';
import { stripeClient } from './stripe.ts';
import { openSubscriptions, type Subscriptions } from './subscriptions/subscriptions.ts';
import { watchUnknownPlans } from './subscriptions/unknown-plans.ts';
import { handlers } from './webhooks/handlers/index.ts';
import { openInbox, type Inbox } from './webhooks/inbox.ts';

/** What each part of billing is made from. */
export interface BillingDeps {
  readonly settings: Settings;
  readonly log: Log;
  readonly database: Database;
  readonly outbox: Outbox;
  /** @throws AppError (503) where no key of Stripe is set */
  readonly stripe: () => Stripe;
}

/** What accounts pay for, and what they may therefore do. */
export interface BillingService {
  readonly entitlements: Entitlements;
  readonly checkout: Checkout;
  readonly portal: Portal;
  readonly subscriptions: Subscriptions;
  readonly invoices: Invoices;
  readonly refunds: Refunds;
  readonly inbox: Inbox;
  close(): Promise<void>;
}

/** Opens billing, and processes the events that Stripe sends until it is closed. */
export async function openBilling(given: Omit<BillingDeps, 'stripe'>): Promise<BillingService> {
  let client: Stripe | undefined;
  const deps = { ...given, stripe: () => (client ??= stripeClient(given.settings)) };
  const inbox = openInbox(deps, handlers);
  const grace = startGrace(deps);
  const unknownPlans = watchUnknownPlans(deps);
  const catchUp = startCatchUp(deps);

  return {
    entitlements: openEntitlements(deps),
    checkout: openCheckout(deps),
    portal: openPortal(deps),
    subscriptions: openSubscriptions(deps),
    invoices: openInvoices(deps),
    refunds: openRefunds(deps),
    inbox,
    close: async () => {
      const parts = [inbox, grace, unknownPlans, catchUp];
      await Promise.all(parts.map((part) => part.close()));
    },
  };
}
