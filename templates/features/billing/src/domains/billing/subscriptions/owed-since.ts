import type { Stripe } from 'stripe';
import { momentOf } from '../references.ts';
import { whileLocked } from '../stripe.ts';

/** More than are issued before a subscription is given up. */
const looked = 24;

/**
 * Reads since when a subscription is owed for: when the first of its latest invoices was due that
 * have not been paid. It does not depend on when an event told of it, or whether one did.
 */
export async function owedSince(stripe: Stripe, subscription: string): Promise<Date | undefined> {
  const { data } = await stripe.invoices.list({ subscription, limit: looked }, whileLocked());
  const issued = data.filter(({ status }) => status !== 'draft' && status !== 'void');
  const paid = issued.findIndex(({ status }) => status === 'paid');
  const first = issued.slice(0, paid === -1 ? undefined : paid).at(-1);
  if (first === undefined) return undefined;
  return momentOf(first.due_date ?? first.status_transitions.finalized_at ?? first.created);
}
