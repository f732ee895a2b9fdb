import { describe, expect, expectTypeOf, test } from 'vitest';
import {
  definePlans,
  planFinder,
  pricesOf,
  unlimited,
  type PlanDefinition,
} from '#app/domains/billing/define-plans.ts';
import { freePlan, planOfPrice, plans } from '#app/domains/billing/plans.ts';

const free = { name: 'Free', features: [], limits: { things: 1 } } as const;
const paid = {
  name: 'Paid',
  prices: { month: { lookupKey: 'paid_month', amount: 900, currency: 'eur' } },
  features: ['export'],
  limits: { things: unlimited },
} as const;

/** As it is for somebody whom no compiler warns. */
const define = (given: Record<string, PlanDefinition>) => definePlans(given);

test('what is left out of a plan is there when it is read', () => {
  const { nothing, some } = definePlans({ nothing: free, some: paid });
  expect(nothing).toEqual({ ...free, prices: {}, trialDays: 0, perSeat: false });
  expect(some).toEqual({ ...paid, trialDays: 0, perSeat: false });
});

test('features and limits have the names that the plans give them, and no others', () => {
  const made = definePlans({ nothing: free, some: paid });
  expectTypeOf<keyof typeof made>().toEqualTypeOf<'nothing' | 'some'>();
  expectTypeOf(made.nothing.features).toEqualTypeOf<readonly 'export'[]>();
  expectTypeOf(made.some.limits).toEqualTypeOf<Readonly<Record<'things', number>>>();

  const { some: typed } = made;
  // @ts-expect-error: no plan has a feature of this name
  expect(typed.features.includes('exprot')).toBe(false);
  // @ts-expect-error: nor a limit
  expect(typed.limits.thing).toBeUndefined();
  // @ts-expect-error: and a plan that lacks a limit of the others is wrong where it is written
  const lacking = () => definePlans({ nothing: free, other: { ...paid, limits: {} } });
  expect(lacking).toThrow('limits.things');
});

const price = paid.prices.month;
test.for<[problem: string, given: Record<string, PlanDefinition>]>([
  ['one plan has to be without prices, and 0 of them are', { paid }],
  ['one plan has to be without prices, and 2 of them are', { free, other: free }],
  ['the lookup key paid_month is there more than once', { free, paid, other: paid }],
  ['paid: limits.things is neither', { free, paid: { ...paid, limits: {} } }],
  ['free: limits.seats is neither', { free, paid: { ...paid, limits: { things: 1, seats: 2 } } }],
  ['paid: limits.things is neither', { free, paid: { ...paid, limits: { things: -1 } } }],
  ['paid: it is per seat and has no limit seats', { free, paid: { ...paid, perSeat: true } }],
  ['paid: trialDays is not', { free, paid: { ...paid, trialDays: 1.5 } }],
  [
    'paid: the amount of paid_month is not',
    { free, paid: { ...paid, prices: { month: { ...price, amount: 9.99 } } } },
  ],
  [
    'paid: the amount of paid_month is not',
    { free, paid: { ...paid, prices: { month: { ...price, amount: 0 } } } },
  ],
  [
    'paid: the currency of paid_month is not',
    { free, paid: { ...paid, prices: { month: { ...price, currency: 'EUR' } } } },
  ],
  [
    'paid: the lookup key “paid month” is not one word',
    { free, paid: { ...paid, prices: { month: { ...price, lookupKey: 'paid month' } } } },
  ],
  ['a plan: its key is not', { free, 'a plan': paid }],
])('they are refused at the start where %s', ([problem, given]) => {
  expect(() => define(given)).toThrow(problem);
});

test('every problem is said at once', () => {
  const broken = { ...paid, trialDays: -1, limits: {} };
  expect(() => define({ paid: broken })).toThrow(/trialDays(?:.|\n)*without prices/);
});

test('each price is listed as Stripe has to have it', () => {
  expect(pricesOf(definePlans({ nothing: free, some: paid }))).toEqual([
    {
      lookupKey: 'paid_month',
      unitAmount: 900,
      currency: 'eur',
      interval: 'month',
      productName: 'Paid',
      plan: 'some',
    },
  ]);
});

describe('a price', () => {
  const finder = planFinder(definePlans({ nothing: free, some: paid }));

  test('is of the plan that has its lookup key', () => {
    expect(finder.planOfPrice('paid_month')).toBe('some');
    expect(finder.planOfPrice('paid_month', { plan: 'nothing' })).toBe('some');
  });

  test('is still of its plan when a newer price has taken its lookup key over', () => {
    expect(finder.planOfPrice(null, { plan: 'some' })).toBe('some');
  });

  test('is of no plan where neither says one', () => {
    expect(finder.planOfPrice(null, {})).toBeUndefined();
    expect(finder.planOfPrice('unheard_of')).toBeUndefined();
    expect(finder.planOfPrice(null, { plan: 'constructor' })).toBeUndefined();
  });
});

test('the plans of this project are right', () => {
  expect(plans[freePlan].prices).toEqual({});
  for (const { lookupKey, plan } of pricesOf(plans)) expect(planOfPrice(lookupKey)).toBe(plan);
});
