import { expect, test } from 'vitest';
import { intervals, unlimited } from '#app/domains/billing/define-plans.ts';
import { plans, type PlanName } from '#app/domains/billing/plans.ts';
import { openPrices } from '#app/domains/billing/prices.ts';

const prices = openPrices({
  stripe: () => {
    throw new Error('Stripe was asked');
  },
});

/** What is sold, each plan in one of its intervals. */
const sold = Object.entries(plans).flatMap(([name, plan]) => {
  const interval = intervals.find((each) => plan.prices[each] !== undefined);
  const { maxQuantity: most } = plan;
  return interval === undefined ? [] : [{ plan: name as PlanName, interval, most }];
});

test.for(sold)('$plan is sold for $most seats and no more', async ({ plan, interval, most }) => {
  await expect(prices.idFor({ plan, interval, quantity: most })).rejects.toThrow(
    'Stripe was asked',
  );
  if (most === unlimited) return;
  await expect(prices.idFor({ plan, interval, quantity: most + 1 })).rejects.toMatchObject({
    details: { errors: [{ pointer: '#/quantity' }] },
  });
});
