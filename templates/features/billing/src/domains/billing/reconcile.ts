// Compares what this service knows of subscriptions with what Stripe has. Events keep the two the
// same; this is for what went wrong all the same, and for those who want to know.
import { and, asc, eq, gt, inArray, notInArray } from 'drizzle-orm';
import type { Stripe } from 'stripe';
import type { Database, Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { describeError } from '#app/log-error.ts';
import type { Log } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { billingCustomers, billingFormerCustomers, billingSubscriptions } from './models.ts';
import { idOf } from './references.ts';
import { isMissing } from './stripe-errors.ts';
import { ended, hasEnded, planOf, type SubscriptionRow } from './subscriptions/current.ts';
import { valuesOf } from './subscriptions/subscription-values.ts';
import { endForgotten, syncSubscription } from './subscriptions/sync.ts';
import { whileLocked } from './stripe.ts';

/** Subscriptions that are read at once: the most that Stripe gives. */
const pageSize = 100;

/** To write an end to every subscription, because of a wrong key, would be the worst of repairs. */
const otherStripe =
  'Stripe knows no subscription of this service, so that nothing is repaired: is the key that of another account or mode?';

/**
 * `unknown_here`: it has no row. `no_account`: nor has its customer. `missing_there`: Stripe has no
 * such subscription. `differs`: the row says something else.
 */
export type DriftKind = 'unknown_here' | 'no_account' | 'missing_there' | 'differs';

export interface Drift {
  readonly kind: DriftKind;
  readonly stripeSubscriptionId: string;
  readonly accountId: string | null;
  readonly differences: readonly {
    readonly field: string;
    readonly here: unknown;
    readonly there: unknown;
  }[];
  readonly repaired: boolean;
  /** Why it could not be repaired, where that is known. */
  readonly problem?: string;
}

export interface Reconciled {
  /** Subscriptions that were compared. */
  readonly compared: number;
  readonly drift: readonly Drift[];
}

interface ReconcileDeps {
  readonly database: Database;
  readonly stripe: Stripe;
  readonly log: Log;
}

/**
 * Compares every subscription at Stripe with its row, and every row that has not ended with Stripe.
 * What seems to differ is looked at again before it counts: an event may be under way.
 *
 * @param options.repair who repairs, as the audit log calls them; without it nothing is written
 * @param options.onProgress gets the number of subscriptions that were compared so far
 * @param options.batch for tests: how many are read at once
 */
export async function reconcile(
  deps: ReconcileDeps,
  options: {
    repair?: string | undefined;
    onProgress?: (compared: number) => void;
    batch?: number;
  } = {},
): Promise<Reconciled> {
  const { repair, onProgress = () => undefined, batch = pageSize } = options;
  const drift: Drift[] = [];
  const seen = new Set<string>();
  let known = 0;

  async function settleAll(ids: readonly string[], problem?: string): Promise<void> {
    for (const id of ids) {
      const found = await settle(deps, id, problem === undefined ? repair : undefined);
      if (found !== undefined) drift.push({ ...found, ...(problem !== undefined && { problem }) });
    }
  }

  for await (const page of pagesAtStripe(deps.stripe, batch)) {
    const rows = await rowsOf(deps.database.queries, page);
    known += rows.size;
    for (const { id } of page) seen.add(id);
    await settleAll(page.filter((each) => seemsToDiffer(each, rows.get(each.id))).map(idIn));
    onProgress(seen.size);
  }

  const unseen: string[] = [];
  for await (const page of openRows(deps.database.queries, batch)) {
    unseen.push(...page.filter((id) => !seen.has(id)));
  }
  await settleAll(unseen, known > 0 ? undefined : otherStripe);
  return { compared: seen.size + unseen.length, drift };
}

const idIn = ({ id }: { readonly id: string }): string => id;

async function* pagesAtStripe(
  stripe: Stripe,
  limit: number,
): AsyncGenerator<Stripe.Subscription[]> {
  let last: string | undefined;
  for (let more = true; more;) {
    const page = await stripe.subscriptions.list({
      status: 'all',
      limit,
      ...(last !== undefined && { starting_after: last }),
    });
    yield page.data;
    last = page.data.at(-1)?.id;
    more = page.has_more && last !== undefined;
  }
}

async function* openRows(queries: Queries, limit: number): AsyncGenerator<string[]> {
  const { stripeSubscriptionId: id, status } = billingSubscriptions;
  let last = '';
  for (let more = true; more;) {
    const rows = await queries
      .select({ id })
      .from(billingSubscriptions)
      .where(and(gt(id, last), notInArray(status, ended)))
      .orderBy(asc(id))
      .limit(limit);
    yield rows.map(idIn);
    last = rows.at(-1)?.id ?? '';
    more = rows.length === limit;
  }
}

async function rowsOf(
  queries: Queries,
  page: readonly Stripe.Subscription[],
): Promise<Map<string, SubscriptionRow>> {
  if (page.length === 0) return new Map();
  const rows = await queries
    .select()
    .from(billingSubscriptions)
    .where(inArray(billingSubscriptions.stripeSubscriptionId, page.map(idIn)));
  return new Map(rows.map((row) => [row.stripeSubscriptionId, row]));
}

function seemsToDiffer(there: Stripe.Subscription, here: SubscriptionRow | undefined): boolean {
  // One that ended before we heard of it gives nobody anything.
  if (here === undefined) return !hasEnded(there.status);
  return differencesBetween(here, there).length > 0;
}

/** Looks at one anew, and repairs it where that is wanted, with the audit log's entry. */
async function settle(
  deps: ReconcileDeps,
  id: string,
  repair: string | undefined,
): Promise<Drift | undefined> {
  const { database, stripe, log } = deps;
  const found = await look(database.queries, stripe, id);
  if (found === undefined || repair === undefined) return found;
  try {
    return await database.transaction(async (tx) => {
      if (found.kind === 'missing_there') await endForgotten(tx, id);
      else await syncSubscription({ tx, stripe, log }, id);
      if ((await look(tx, stripe, id)) !== undefined) return found;
      recordAct(tx, {
        actor: repair,
        action: 'billing.subscription_reconciled',
        subject: `subscription:${id}`,
        detail: { kind: found.kind, fields: found.differences.map(({ field }) => field) },
      });
      return { ...found, repaired: true };
    });
  } catch (error) {
    return { ...found, problem: describeError(error).message };
  }
}

async function look(
  queries: Queries | Transaction,
  stripe: Stripe,
  id: string,
): Promise<Drift | undefined> {
  const there = await retrieve(stripe, id);
  const [here] = await queries
    .select()
    .from(billingSubscriptions)
    .where(eq(billingSubscriptions.stripeSubscriptionId, id));
  const drift = { stripeSubscriptionId: id, differences: [], repaired: false };
  if (there === undefined) {
    if (here === undefined || hasEnded(here.status)) return undefined;
    return { ...drift, kind: 'missing_there', accountId: here.accountId };
  }
  if (here === undefined) {
    if (hasEnded(there.status)) return undefined;
    const accountId = await accountOf(queries, idOf(there.customer) ?? '');
    // Whatever else is sold by the same account of Stripe.
    if (accountId === null && planOf(valuesOf(there)) === undefined) return undefined;
    return { ...drift, kind: accountId === null ? 'no_account' : 'unknown_here', accountId };
  }
  const differences = differencesBetween(here, there);
  if (differences.length === 0) return undefined;
  return { ...drift, kind: 'differs', accountId: here.accountId, differences };
}

async function retrieve(stripe: Stripe, id: string): Promise<Stripe.Subscription | undefined> {
  try {
    return await stripe.subscriptions.retrieve(id, {}, whileLocked());
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function accountOf(
  queries: Queries | Transaction,
  stripeCustomerId: string,
): Promise<string | null> {
  for (const table of [billingCustomers, billingFormerCustomers]) {
    const [customer] = await queries
      .select({ accountId: table.accountId })
      .from(table)
      .where(eq(table.stripeCustomerId, stripeCustomerId));
    if (customer !== undefined) return customer.accountId;
  }
  return null;
}

function differencesBetween(
  here: SubscriptionRow,
  there: Stripe.Subscription,
): Drift['differences'] {
  if (hasEnded(here.status) && hasEnded(there.status)) return [];
  const row: Readonly<Record<string, unknown>> = comparable(here);
  return Object.entries(comparable(valuesOf(there)))
    .map(([field, value]) => ({ field, here: wireOf(row[field]), there: wireOf(value) }))
    .filter((each) => each.here !== each.there);
}

/** A newer price takes a lookup key over, and nobody tells: what matters is the plan that it gives. */
function comparable<Row extends ReturnType<typeof valuesOf>>(row: Row) {
  const { status, priceLookupKey, pricePlan, ...others } = row;
  return { status, plan: planOf({ priceLookupKey, pricePlan }) ?? null, ...others };
}

function wireOf(value: unknown): unknown {
  return value instanceof Date ? value.toISOString() : value;
}
