// What happens when a payment fails: its account keeps the plan for some days, in which it is told.
// After them it has the free plan until it pays; nothing of what it made is removed.
import { and, eq, inArray, sql, type SQL } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { startLoop } from '#app/platform/loop.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { lockAccount } from './account-lock.ts';
import { contactsOf } from './contacts.ts';
import { firstTime } from './effects.ts';
import { paymentFailedMail, type Grace } from './grace-mails.ts';
import { endOfGrace, gracePolicy, inGrace } from './grace-policy.ts';
import { billingLinks } from './links.ts';
import { billingEffects, billingSubscriptions } from './models.ts';
import type { PlanName } from './plans.ts';
import type { BillingDeps } from './service.ts';
import { planOf } from './subscriptions/current.ts';

const { accountId, id, priceLookupKey, pricePlan, paused, pastDueSince, stripeSubscriptionId } =
  billingSubscriptions;

/** Milliseconds between looks at who owes a payment. */
const pause = 60_000;
/** Sources that are looked up in one statement. */
const batch = 500;

type GraceDeps = Pick<BillingDeps, 'settings' | 'log' | 'database' | 'outbox'>;

/** Sends the mails of grace, on whichever day each is due, until it is closed. */
export function startGrace(deps: GraceDeps): { close(): Promise<void> } {
  return startLoop({ name: 'billing grace', pause, log: deps.log }, (closing) =>
    sendGraceMails(deps, closing),
  );
}

/**
 * Sends each mail that is due and was not sent: once, whoever else does the same. After a time in
 * which nobody looked, only the latest that was due.
 */
export async function sendGraceMails(deps: GraceDeps, closing?: AbortSignal): Promise<void> {
  const failures: unknown[] = [];
  for (const due of await unsent(deps, await findDue(deps.database.queries))) {
    if (closing?.aborted === true) return;
    try {
      await deps.database.transaction((tx) => sendOnce(deps, tx, due));
    } catch (error) {
      // One that cannot be told must not keep the others from it.
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

interface DueMail {
  readonly accountId: string;
  readonly id: string;
  readonly pastDueSince: Date;
  readonly plan: PlanName | undefined;
  /** Names it among all effects. */
  readonly source: string;
}

/**
 * Has another mail, about the payment that is owed, take the place of the one that is due now: a
 * customer is told of one thing once. The account has to be locked.
 *
 * @returns what the other mail has to say, then; nothing where none of grace is due
 */
export async function replaceGraceMail(
  tx: Transaction,
  subscription: { readonly accountId: string; readonly id: string },
): Promise<Grace | undefined> {
  const mine = and(eq(accountId, subscription.accountId), eq(id, subscription.id));
  const [due] = await findDue(tx, mine);
  if (due === undefined) return undefined;
  await firstTime(tx, due.accountId, due.source);
  return graceOf(due);
}

function graceOf({ plan, pastDueSince: since }: DueMail): Grace {
  return { plan, until: endOfGrace(since) };
}

/** Whoever has paused collection does not want anybody to be told to pay. */
async function findDue(queries: Queries | Transaction, which?: SQL): Promise<DueMail[]> {
  const rows = await queries
    .select({
      accountId,
      id,
      priceLookupKey,
      pricePlan,
      stripeSubscriptionId,
      pastDueSince: sql`${pastDueSince}`.mapWith(pastDueSince),
      day: sql<number>`TIMESTAMPDIFF(DAY, ${pastDueSince}, UTC_TIMESTAMP(3))`,
    })
    .from(billingSubscriptions)
    .where(and(which, inGrace, eq(paused, false)))
    .orderBy(pastDueSince);
  return rows.map(({ day, stripeSubscriptionId: subscription, ...row }) =>
    Object.assign(row, {
      plan: planOf(row),
      source: sourceOf(subscription, row.pastDueSince, day),
    }),
  );
}

/** Paid and owed once more, a subscription has mails of its own for that. */
function sourceOf(subscription: string, since: Date, day: number): string {
  const mailDay = gracePolicy.mailDays.findLast((each) => each <= day) ?? 0;
  return `grace.day_${mailDay}:${subscription}:${since.toISOString()}`;
}

async function unsent({ database }: GraceDeps, due: readonly DueMail[]): Promise<DueMail[]> {
  const sent = new Set<string>();
  for (let start = 0; start < due.length; start += batch) {
    const sources = due.slice(start, start + batch).map(({ source }) => source);
    const found = await database.queries
      .select({ source: billingEffects.source })
      .from(billingEffects)
      .where(inArray(billingEffects.source, sources));
    for (const { source } of found) sent.add(source);
  }
  return due.filter(({ source }) => !sent.has(source));
}

/** Looks again when nobody else can change it: it may have been paid meanwhile. */
async function sendOnce(deps: GraceDeps, tx: Transaction, due: DueMail): Promise<void> {
  await lockAccount(tx, due.accountId);
  const [still] = await tx
    .select({ id })
    .from(billingSubscriptions)
    .where(
      and(
        eq(accountId, due.accountId),
        eq(id, due.id),
        eq(pastDueSince, due.pastDueSince),
        eq(paused, false),
        inGrace,
      ),
    );
  if (still === undefined || !(await firstTime(tx, due.accountId, due.source))) return;
  const { page } = billingLinks(deps.settings.APP_ORIGIN);
  for (const to of await contactsOf(tx, due.accountId)) {
    await sendMail(deps.outbox, tx, paymentFailedMail(to, { ...graceOf(due), page }));
  }
}
