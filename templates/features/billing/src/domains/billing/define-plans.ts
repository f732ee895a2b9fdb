// What a plan is, and the mistakes in plans.ts that are better found at the start than by a customer.

/** A limit that nothing reaches. */
export const unlimited = Infinity;

export const intervals = ['month', 'year'] as const;
export type Interval = (typeof intervals)[number];

export interface PlanPrice {
  /** By which Stripe finds the price; whoever buys gets the price that has it then. */
  readonly lookupKey: string;
  /** In the smallest unit of the currency; for one seat where the plan is per seat. */
  readonly amount: number;
  /** ISO 4217, in lower case as Stripe has it. */
  readonly currency: string;
}

/** A plan as it is written down. */
export interface PlanDefinition {
  /** What customers see it called, on invoices too. */
  readonly name: string;
  /** Left out by the one plan that costs nothing. */
  readonly prices?: { readonly [Each in Interval]?: PlanPrice };
  /** Days for which an account's first subscription costs nothing. */
  readonly trialDays?: number;
  /** Whether the quantity of a subscription is the account's number of seats. */
  readonly perSeat?: boolean;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** A plan as it is read: nothing is left out. */
export interface Plan<Feature extends string = string, Limit extends string = string> {
  readonly name: string;
  readonly prices: { readonly [Each in Interval]?: PlanPrice };
  readonly trialDays: number;
  readonly perSeat: boolean;
  /** The most that can be bought at once: the limit of seats where the plan is per seat, else 1. */
  readonly maxQuantity: number;
  readonly features: readonly Feature[];
  /** `unlimited`, which JSON has no word for, or a whole number. */
  readonly limits: Readonly<Record<Limit, number>>;
}

type Definitions = Readonly<Record<string, PlanDefinition>>;
type FeatureOf<Given extends Definitions> = Given[keyof Given]['features'][number];
type LimitOf<Given extends Definitions> = {
  [Name in keyof Given]: keyof Given[Name]['limits'] & string;
}[keyof Given];
type EveryLimit<Given extends Definitions> = {
  readonly [Name in keyof Given]: { readonly limits: Readonly<Record<LimitOf<Given>, number>> };
};
type PlansOf<Given extends Definitions> = {
  readonly [Name in keyof Given]: Plan<FeatureOf<Given>, LimitOf<Given>>;
};

/**
 * Declares the plans.
 *
 * @throws Error that says what is wrong with them
 */
export function definePlans<const Given extends Definitions>(
  given: Given & EveryLimit<Given>,
): PlansOf<Given> {
  const problems = problemsOf(given);
  if (problems.length > 0) {
    throw new Error(`The plans in plans.ts are not right:\n${problems.join('\n')}`);
  }
  const complete = Object.entries<PlanDefinition>(given).map(([name, plan]) => [
    name,
    { prices: {}, trialDays: 0, perSeat: false, ...plan, maxQuantity: maxQuantityOf(plan) },
  ]);
  return Object.fromEntries(complete);
}

function maxQuantityOf({ perSeat = false, limits }: PlanDefinition): number {
  return perSeat ? (limits['seats'] ?? unlimited) : 1;
}

/** A price that Stripe must have. */
export interface WantedPrice {
  readonly lookupKey: string;
  readonly unitAmount: number;
  readonly currency: string;
  readonly interval: Interval;
  readonly productName: string;
  /** The key of its plan. */
  readonly plan: string;
}

/** Every price of every plan. */
export function pricesOf(plans: Readonly<Record<string, Plan>>): WantedPrice[] {
  return Object.entries(plans).flatMap(([plan, { name, prices }]) =>
    intervals.flatMap((interval) => {
      const price = prices[interval];
      if (price === undefined) return [];
      const { lookupKey, amount, currency } = price;
      return { lookupKey, unitAmount: amount, currency, interval, productName: name, plan };
    }),
  );
}

/** Makes what finds plans among these. */
export function planFinder<Name extends string>(plans: Readonly<Record<Name, Plan>>) {
  const isName = (text: string | null | undefined): text is Name =>
    typeof text === 'string' && Object.hasOwn(plans, text);
  const prices = pricesOf(plans);
  const byLookupKey = new Map(prices.map(({ lookupKey, plan }) => [lookupKey, plan]));
  const free = Object.keys(plans).find((name) => !prices.some(({ plan }) => plan === name));
  if (!isName(free)) throw new Error('No plan is without prices');

  return {
    freePlan: free,

    /**
     * Says which plan a price is for: by its lookup key, or by its metadata, which a price keeps for
     * those who have bought it when a newer price takes the key over.
     *
     * @param metadata of the price at Stripe
     */
    planOfPrice: (
      lookupKey: string | null | undefined,
      metadata: { readonly plan?: string | null } | null = {},
    ): Name | undefined => {
      const name = byLookupKey.get(lookupKey ?? '') ?? metadata?.plan;
      return isName(name) ? name : undefined;
    },
  };
}

/** Whether a plan can have this key in plans.ts. */
export function isPlanKey(text: string): boolean {
  return /^[a-z]\w{0,49}$/i.test(text);
}

function problemsOf(given: Definitions): string[] {
  const plans = Object.entries(given);
  const limits = new Set(plans.flatMap(([, plan]) => Object.keys(plan.limits)));
  const free = plans.filter(([, plan]) => Object.values(plan.prices ?? {}).length === 0);
  const keys = plans.flatMap(([, plan]) =>
    Object.values(plan.prices ?? {}).map(({ lookupKey }) => lookupKey),
  );
  const twice = new Set(keys.filter((key, index) => keys.indexOf(key) !== index));
  return [
    ...plans.flatMap(([name, plan]) =>
      problemsOfPlan(name, plan, limits).map((problem) => `  ${name}: ${problem}`),
    ),
    ...[...twice].map((key) => `  the lookup key ${key} is there more than once`),
    ...(free.length === 1
      ? []
      : [`  one plan has to be without prices, and ${free.length} of them are`]),
  ];
}

function problemsOfPlan(name: string, plan: PlanDefinition, limits: Set<string>): string[] {
  const { trialDays = 0, perSeat = false, prices = {} } = plan;
  const wrong: [boolean, string][] = [
    [!isPlanKey(name), 'its key is not of at most 50 letters, digits and _'],
    [!isWhole(trialDays) || trialDays > 730, 'trialDays is not from 0 to 730'],
    [perSeat && plan.limits['seats'] === undefined, 'it is per seat and has no limit seats'],
    ...Object.values(prices).flatMap(({ lookupKey, amount, currency }): typeof wrong => [
      [!/^\S{1,200}$/.test(lookupKey), `the lookup key “${lookupKey}” is not one word`],
      [
        !isWhole(amount) || amount === 0,
        `the amount of ${lookupKey} is not a whole number above 0`,
      ],
      [!/^[a-z]{3}$/.test(currency), `the currency of ${lookupKey} is not such as usd`],
    ]),
    ...[...limits].map((limit): (typeof wrong)[number] => {
      const value = plan.limits[limit];
      const right = value === unlimited || isWhole(value);
      return [!right, `limits.${limit} is neither a whole number nor unlimited`];
    }),
  ];
  return wrong.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}

function isWhole(value: number | undefined): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
