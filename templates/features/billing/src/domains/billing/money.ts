/** Currencies without a smaller unit: https://docs.stripe.com/currencies#zero-decimal */
const whole = new Set('bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' '));
/** Currencies with thousandths: https://docs.stripe.com/currencies#three-decimal */
const thousandths = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd']);

/**
 * An amount for people to read, such as `€12.50`.
 *
 * @param amount in the smallest unit, as Stripe counts it, which is not how every list of currencies
 *   does
 * @param currency in lower case
 */
export function formatMoney(amount: number, currency: string): string {
  const digits = whole.has(currency) ? 0 : thousandths.has(currency) ? 3 : 2;
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}
