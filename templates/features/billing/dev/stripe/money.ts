import { Stripe } from 'stripe';

/** An amount as the exact number that Stripe gives beside it. */
export function decimal(amount: number): Stripe.Decimal {
  return Stripe.Decimal.from(String(amount));
}

/** How people read an amount in the smallest unit of its currency. */
export function money(amount: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amount / 10 ** digits);
}
