import { expect, test } from 'vitest';
import { formatMoney } from '#app/domains/billing/money.ts';

test.for([
  [1250, 'eur', '€12.50'],
  [5, 'usd', '$0.05'],
  [1900, 'jpy', '¥1,900'],
  [1500, 'kwd', 'KWD 1.500'],
  // Stripe counts these in hundredths, whatever else is said of them.
  [190_000, 'isk', 'ISK 1,900.00'],
  [190_000, 'rsd', 'RSD 1,900.00'],
] as const)('%d of %s reads %s', ([amount, currency, text]) => {
  expect(formatMoney(amount, currency).replaceAll('\u00A0', ' ')).toBe(text);
});
