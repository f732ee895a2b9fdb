import type { SeededPrice } from '../../../dev/stripe/fake-stripe.ts';

/** What tests of the made-up Stripe itself sell. */
export const prices: SeededPrice[] = [
  {
    lookupKey: 'pro_month',
    unitAmount: 2000,
    currency: 'usd',
    interval: 'month',
    productName: 'Pro',
  },
  {
    lookupKey: 'pro_year',
    unitAmount: 20_000,
    currency: 'usd',
    interval: 'year',
    productName: 'Pro',
  },
  {
    lookupKey: 'team_month',
    unitAmount: 5000,
    currency: 'usd',
    interval: 'month',
    productName: 'Team',
  },
];
