import { randomBytes } from 'node:crypto';
import type { Bucket, Spending } from '#app/platform/limits/store.ts';

/** A bucket that nobody has spent of yet: ten points in a minute. */
export function newBucket(changes: Partial<Bucket> = {}): Bucket {
  const key = randomBytes(32).toString('base64url');
  return { key, points: 10, per: 60, cost: 1, ...changes };
}

/** How many of these were admitted. */
export function admittedIn(spendings: readonly Pick<Spending, 'admitted'>[]): number {
  return spendings.filter(({ admitted }) => admitted).length;
}
