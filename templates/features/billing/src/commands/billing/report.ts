// What npm run billing says to people.
import type { WantedPrice } from '#app/domains/billing/define-plans.ts';
import type { PlansDiff } from '#app/domains/billing/plan-prices.ts';
import type { Push, Rename } from '#app/domains/billing/plan-push.ts';
import type { UndeliveredEvent } from '#app/domains/billing/webhooks/undelivered.ts';
import type { Drift, DriftKind, Reconciled } from '#app/domains/billing/reconcile.ts';

/** A line for each price that is not as its plan says. */
export function reportDiff({ missing, changed, extra }: PlansDiff): string {
  const lines = [
    ...missing.map((wanted) => `missing  ${lineOf(wanted)}`),
    ...changed.map(
      ({ wanted, stripePriceId, differences }) =>
        `differs  ${wanted.lookupKey} (${stripePriceId}): ${differencesIn(differences)}`,
    ),
    ...extra.map(
      ({ lookupKey, stripePriceId }) =>
        `extra    ${lookupKey ?? 'a price without a lookup key'} (${stripePriceId}) is of no plan`,
    ),
  ];
  return lines.length === 0 ? 'Stripe has every price of the plans, and no others.' : join(lines);
}

/** A line for each price that is made and each product that is renamed, or would be. */
export function reportPushes(
  { pushes, renames }: { pushes: readonly Push[]; renames: readonly Rename[] },
  isDone: boolean,
): string {
  const lines = [
    ...pushes.map(({ wanted, replaces }) => {
      const instead = replaces === undefined ? '' : `, in place of ${replaces}`;
      return `${isDone ? 'made' : 'would make'}  ${lineOf(wanted)}${instead}`;
    }),
    ...renames.map(
      ({ stripeProductId, name }) =>
        `${isDone ? 'renamed' : 'would rename'}  ${stripeProductId} to ${name}`,
    ),
  ];
  return lines.length === 0
    ? 'There is nothing to make: Stripe has every price of the plans.'
    : join(lines);
}

const kinds: Record<DriftKind, string> = {
  unknown_here: 'is not known here',
  no_account: 'is of a customer that no account has',
  missing_there: 'is not known at Stripe',
  differs: 'differs',
};

/** A line for each subscription that is not the same here and at Stripe. */
export function reportDrift({ compared, drift }: Reconciled): string {
  const count = `Compared ${compared} subscriptions with Stripe's`;
  if (drift.length === 0) return `${count}: they are the same.`;
  const repaired = drift.filter((each) => each.repaired).length;
  return join([
    ...drift.map(driftLine),
    `${count}: ${drift.length} are not the same; ${repaired} of them were repaired.`,
  ]);
}

/** A line for each event that Stripe could not deliver. */
export function reportUndelivered(events: readonly UndeliveredEvent[]): string {
  if (events.length === 0) {
    return 'No event of the last 30 days is missing that Stripe could not deliver.';
  }
  const taken = events.filter((event) => event.taken).length;
  return join([
    ...events.map(
      ({ eventId, type, created, taken: isTaken }) =>
        `${eventId} ${type} of ${created} was not delivered${isTaken ? '; taken' : ''}`,
    ),
    `Stripe could not deliver ${events.length} events; ${taken} of them were taken, and are processed by the service.`,
  ]);
}

function driftLine(drift: Drift): string {
  const { stripeSubscriptionId, accountId, kind, differences, repaired, problem } = drift;
  const end = repaired ? 'repaired' : (problem ?? '');
  return [
    `${stripeSubscriptionId} ${kinds[kind]}`,
    accountId === null ? '' : `account ${accountId}`,
    differencesIn(differences),
    end,
  ]
    .filter(Boolean)
    .join('; ');
}

function lineOf({ lookupKey, unitAmount, currency, interval }: WantedPrice): string {
  return `${lookupKey}: ${unitAmount} ${currency} a ${interval}`;
}

function differencesIn(differences: Drift['differences']): string {
  return differences
    .map(({ field, here, there }) => `${field} is ${String(here)} here and ${String(there)} there`)
    .join(', ');
}

function join(lines: readonly string[]): string {
  return lines.join('\n');
}
