import { stat } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { openPasswords } from '#app/domains/auth/passwords.ts';
import { AppError } from '#app/errors.ts';
import { useHashCount } from './support/hash-count.ts';

const hashes = useHashCount();
test('two hashes run at once and fifty wait; more are turned away, and files are read meanwhile', async () => {
  const passwords = openPasswords({ NODE_ENV: 'production' });
  const hashing = Array.from({ length: 60 }, () => passwords.hash('a good long password'));
  const settled = Promise.allSettled(hashing);
  for (let times = 1; times <= 3; times += 1) {
    await stat('.');
    // With all of them in the threads that read files, the first look would wait for most of them.
    expect(hashes.ended).toBeLessThan(15);
  }

  const refused = (await settled).filter((result) => result.status === 'rejected');
  expect(refused).toHaveLength(8);
  for (const { reason } of refused) {
    if (!(reason instanceof AppError)) throw reason;
    expect([reason.kind.code, reason.kind.status]).toEqual(['sign_in_busy', 503]);
    expect(reason.details.retryAfter).toBe(1);
  }
  expect([hashes.begun, hashes.atOnce]).toEqual([52, 2]);
});
