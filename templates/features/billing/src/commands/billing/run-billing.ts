import { Stripe } from 'stripe';
import type { z } from 'zod';
import { databaseSettings } from '#app/database/settings.ts';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { diffPlans } from '#app/domains/billing/plan-prices.ts';
import { pushesFor, pushPrice, renameProduct, renamesFor } from '#app/domains/billing/plan-push.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { reconcile } from '#app/domains/billing/reconcile.ts';
import { billingSettings } from '#app/domains/billing/settings.ts';
import { isLive, stripeClient } from '#app/domains/billing/stripe.ts';
import { handlers } from '#app/domains/billing/webhooks/handlers/index.ts';
import { findUndelivered } from '#app/domains/billing/webhooks/undelivered.ts';
import { createLog } from '#app/log.ts';
import { sealingSettings } from '#app/platform/sealing.ts';
import { operator } from '../operator.ts';
import { CommandError } from '../run.ts';
import { withDatabase } from '../with-database.ts';
import type { Order } from './order.ts';
import { reportDiff, reportDrift, reportPushes, reportUndelivered } from './report.ts';

/** Milliseconds between two words about how far it is. */
const patience = 1000;

export const billingCommandSettings = {
  DATABASE_URL: databaseSettings.DATABASE_URL.optional(),
  DATABASE_POOL_SIZE: databaseSettings.DATABASE_POOL_SIZE,
  ...sealingSettings,
  // Where it is not set, that has a sentence of its own.
  STRIPE_SECRET_KEY: billingSettings.STRIPE_SECRET_KEY.unwrap().optional(),
  STRIPE_API_BASE: billingSettings.STRIPE_API_BASE,
};

export type BillingCommandSettings = z.infer<z.ZodObject<typeof billingCommandSettings>>;

interface Outcome {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly result: object;
  /** Whether Stripe and this service are the same now, as far as it was looked. */
  readonly agrees: boolean;
}

/**
 * Carries an order out.
 *
 * @param say gets sentences about what goes on
 * @throws CommandError where Stripe cannot be asked, or refuses (exit code 3)
 */
export async function runBilling(
  order: Order,
  settings: BillingCommandSettings,
  say: (sentence: string) => void,
): Promise<Outcome> {
  const stripe = openStripe(settings);
  say(`Stripe: ${isLive(settings) ? 'live mode' : 'test mode'}.`);
  try {
    switch (order.command) {
      case 'plans diff':
        return await diff(stripe);
      case 'plans push':
        return await push(order, stripe, say);
      case 'reconcile':
        return await compare(order, settings, stripe, say);
    }
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error;
    throw new CommandError(`Stripe: ${error.message}`, 'precondition');
  }
}

function openStripe(settings: BillingCommandSettings): Stripe {
  if (settings.STRIPE_SECRET_KEY !== undefined) return stripeClient(settings);
  throw new CommandError(
    'STRIPE_SECRET_KEY is not set. `npm run dev` then makes up a Stripe of its own, which commands do not know: set the key of a sandbox at Stripe, such as sk_test_…',
    'precondition',
  );
}

async function diff(stripe: Stripe): Promise<Outcome> {
  const found = await diffPlans(stripe, pricesOf(plans));
  const agrees = [found.missing, found.changed, found.extra].every(({ length }) => length === 0);
  return { text: reportDiff(found), result: { same: agrees, ...found }, agrees };
}

async function push(
  { write }: Order,
  stripe: Stripe,
  say: (sentence: string) => void,
): Promise<Outcome> {
  const found = await diffPlans(stripe, pricesOf(plans));
  const pushes = pushesFor(found);
  for (const each of write ? pushes : []) {
    const { id } = await pushPrice(stripe, each);
    say(`${each.wanted.lookupKey} is ${id}.`);
  }
  // A new price may be of a product that was there, under another name.
  const renames = renamesFor(
    write && pushes.length > 0 ? await diffPlans(stripe, pricesOf(plans)) : found,
  );
  for (const each of write ? renames : []) {
    await renameProduct(stripe, each);
    say(`${each.stripeProductId} is called ${each.name}.`);
  }
  const steps = { pushes, renames };
  return { text: reportPushes(steps, write), result: { done: write, ...steps }, agrees: true };
}

async function compare(
  { write }: Order,
  settings: BillingCommandSettings,
  stripe: Stripe,
  say: (sentence: string) => void,
): Promise<Outcome> {
  const { DATABASE_URL } = settings;
  if (DATABASE_URL === undefined) {
    throw new CommandError('DATABASE_URL is not set.', 'precondition');
  }
  return withDatabase({ ...settings, DATABASE_URL }, async (database) => {
    const repair = write ? operator() : undefined;
    const log = createLog({ LOG_LEVEL: 'silent' });
    const found = await reconcile({ database, stripe, log }, { repair, onProgress: progress(say) });
    const undelivered = await findUndelivered({ database, stripe, handlers }, { repair });
    const agrees =
      found.drift.every(({ repaired }) => repaired) && undelivered.every(({ taken }) => taken);
    const text = [reportDrift(found), reportUndelivered(undelivered)].join('\n');
    return { text, result: { ...found, undelivered }, agrees };
  });
}

function progress(say: (sentence: string) => void): (compared: number) => void {
  let saidAt = performance.now();
  return (compared) => {
    if (performance.now() - saidAt < patience) return;
    saidAt = performance.now();
    say(`${compared} subscriptions compared so far.`);
  };
}
