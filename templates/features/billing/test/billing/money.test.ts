import { expect, test } from 'vitest';
import { decimalOf, formatMoney, parseMoney } from '#app/domains/billing/money.ts';

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

test.for([
  [1250, 'eur', '12.50'],
  [5, 'usd', '0.05'],
  [0, 'usd', '0.00'],
  [-1250, 'usd', '-12.50'],
  [1900, 'jpy', '1900'],
  [1500, 'kwd', '1.500'],
  [Number.MAX_SAFE_INTEGER, 'eur', '90071992547409.91'],
] as const)('%d of %s is typed %s', ([amount, currency, text]) => {
  expect(decimalOf(amount, currency)).toBe(text);
});

test.for([
  ['12.50', 'eur', 1250],
  [' 12.5 ', 'eur', 1250],
  ['12', 'eur', 1200],
  ['0.05', 'usd', 5],
  // As floats, these are 113.99999999999999, 1998.9999999999998 and 402.00000000000006.
  ['1.14', 'usd', 114],
  ['19.99', 'usd', 1999],
  ['4.02', 'usd', 402],
  ['0012.50', 'usd', 1250],
  ['1900', 'jpy', 1900],
  ['1.5', 'kwd', 1500],
  ['1.005', 'kwd', 1005],
  ['90071992547409.91', 'eur', Number.MAX_SAFE_INTEGER],
] as const)('%s of %s is %d', ([text, currency, amount]) => {
  expect(parseMoney(text, currency)).toBe(amount);
});

test.for([
  ['', 'eur'],
  [' ', 'eur'],
  ['.', 'eur'],
  ['.5', 'eur'],
  ['5.', 'eur'],
  ['1.005', 'eur'],
  ['1.0000', 'kwd'],
  ['12.50', 'jpy'],
  ['1,50', 'eur'],
  ['1,000.00', 'eur'],
  ['1 000', 'eur'],
  ['1_000', 'eur'],
  ['1.000.00', 'eur'],
  ['-5', 'eur'],
  ['+5', 'eur'],
  ['1e3', 'eur'],
  ['0x10', 'eur'],
  ['€5', 'eur'],
  ['5\n6', 'eur'],
  ['١٢', 'eur'],
  ['NaN', 'eur'],
  ['Infinity', 'eur'],
  ['90071992547409.92', 'eur'],
  ['9'.repeat(40), 'eur'],
] as const)('%j of %s is no amount', ([text, currency]) => {
  expect(parseMoney(text, currency)).toBeUndefined();
});

test('whatever is counted is read as it is typed', () => {
  for (const currency of ['eur', 'jpy', 'kwd']) {
    for (const amount of [0, 1, 9, 10, 99, 100, 999, 1000, 1005, 123_456_789]) {
      expect(parseMoney(decimalOf(amount, currency), currency)).toBe(amount);
    }
  }
});
