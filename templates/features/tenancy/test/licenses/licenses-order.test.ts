import { expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { readOrder } from '../../src/commands/licenses/order.ts';

const why = ['--reason', 'contract 4711'];

test('a grant takes what it is told, and nothing else', () => {
  expect(readOrder(['grant', 'acme', ...why])).toEqual({
    command: 'grant',
    account: 'acme',
    given: { entitlements: [], reason: 'contract 4711' },
    json: false,
  });
  const more = ['--seats', '25', '--expires', '2028-02-29', '--replace', '--json'];
  expect(readOrder(['grant', 'acme', ...more, ...why])).toMatchObject({
    given: { seats: 25, expiresAt: new Date('2028-03-01T00:00:00Z'), replaces: true },
    json: true,
  });
});

test.for([
  [[], 'Usage'],
  [['list'], 'Usage'],
  [['give', 'acme'], 'Usage'],
  [['list', 'acme', 'more'], 'Usage'],
  [['list', 'acme', '--seats', '3'], 'Usage'],
  [['list', 'acme', '--replace'], 'Usage'],
  [['grant', 'acme', 'more', ...why], 'Usage'],
  [['grant', 'acme', '--all', ...why], '--all'],
  [['grant', 'acme'], '--reason: is needed.'],
  [['grant', 'acme', '--reason', 'short'], '--reason: Say why in at least 10 characters.'],
  [['grant', 'acme', '--seats', '0', ...why], '--seats: At least 1.'],
  [['grant', 'acme', '--seats', '1.5', ...why], '--seats: A whole number.'],
  [['grant', 'acme', '--seats', 'many', ...why], '--seats: A whole number.'],
  [['grant', 'acme', '--entitlements', 'nonsense', ...why], 'There is no nonsense'],
  [['grant', 'acme', '--expires', '2027-02-30', ...why], '--expires: A day such as'],
  [['revoke', 'acme', ...why], 'Usage'],
  [['revoke', 'acme', 'one', ...why], 'is no id'],
  [['revoke', 'acme', newId()], '--reason: is needed.'],
  [['revoke', 'acme', newId(), '--seats', '3', ...why], 'Usage'],
] as const)('arguments such as %j are wrong', ([args, message]) => {
  expect(() => readOrder([...args])).toThrow(message);
});
