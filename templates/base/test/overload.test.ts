import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { AppError } from '#app/errors.ts';
import { useHashCount } from './support/hashes.ts';

const hashes = useHashCount();
const hashMany = (count: number) => {
  const passwords = openPasswords();
  return Array.from({ length: count }, () => passwords.hash('a good long password'));
};

test('more than can wait are turned away at once, with 503 and when to come again', async () => {
  const results = await Promise.allSettled(hashMany(60));
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(8);
  for (const { reason } of refused) {
    if (!(reason instanceof AppError)) throw reason;
    expect([reason.kind.code, reason.kind.status]).toEqual(['sign_in_busy', 503]);
    expect(reason.details.retryAfter).toBe(1);
  }
  expect(hashes.begun).toBe(52);
});

test('two hashes run at once, and files are read meanwhile', async () => {
  const all = Promise.all(hashMany(30));
  for (let times = 1; times <= 3; times += 1) {
    await stat('.');
    // With all thirty in the threads that read files, the first look would wait for most of them.
    expect(hashes.ended).toBeLessThan(15);
  }
  await all;
  expect([hashes.begun, hashes.atOnce]).toEqual([30, 2]);
});
