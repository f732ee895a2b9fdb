import { expect, test } from 'vitest';
import { testSettings } from '../support/service.ts';

const database = { url: 'mysql://nobody@127.0.0.1/nothing' };

test('what is not set limits generously, and a limit can be taken away', () => {
  expect(testSettings(database)).toMatchObject({
    RATE_LIMIT_POINTS: 600,
    RATE_LIMIT_ADDRESS_POINTS: 1200,
    RATE_LIMIT_SECONDS: 60,
  });
  const { RATE_LIMIT_POINTS } = testSettings(database, { RATE_LIMIT_POINTS: 'unlimited' });
  expect(RATE_LIMIT_POINTS).toBe(Infinity);
});

test.for(['0', '-1', '1.5', 'many'])('%s is no limit', (points) => {
  expect(() => testSettings(database, { RATE_LIMIT_POINTS: points })).toThrow(
    'RATE_LIMIT_POINTS: ',
  );
});
