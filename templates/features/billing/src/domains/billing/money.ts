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
  const digits = digitsOf(currency);
  return new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amount / 10 ** digits);
}

/** An amount as it is typed, such as `12.50`, or `1900` of a currency without a smaller unit. */
export function decimalOf(amount: number, currency: string): string {
  const digits = digitsOf(currency);
  const text = String(Math.abs(amount)).padStart(digits + 1, '0');
  const units = text.slice(0, text.length - digits);
  return `${amount < 0 ? '-' : ''}${units}${digits === 0 ? '' : `.${text.slice(-digits)}`}`;
}

/**
 * Reads an amount that somebody has typed: digits, and where the currency has a smaller unit a point
 * and at most as many digits as that has. Nothing is rounded and nothing guessed: a comma may mean
 * thousands or hundredths.
 *
 * @returns it in the smallest unit; nothing where it is no such amount, or too large to be counted
 */
export function parseMoney(text: string, currency: string): number | undefined {
  const digits = digitsOf(currency);
  const [, units, fraction = ''] = /^(\d{1,16})(?:\.(\d{1,3}))?$/.exec(text.trim()) ?? [];
  if (units === undefined || fraction.length > digits) return undefined;
  const amount = Number(units + fraction.padEnd(digits, '0'));
  return Number.isSafeInteger(amount) ? amount : undefined;
}

function digitsOf(currency: string): number {
  if (whole.has(currency)) return 0;
  return thousandths.has(currency) ? 3 : 2;
}
