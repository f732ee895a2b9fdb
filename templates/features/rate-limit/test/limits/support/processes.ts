// What counts limits in several processes of one service.
import { expect } from 'vitest';
import type { Limits } from '#app/platform/limits/limits.ts';
import type { Bucket } from '#app/platform/limits/store.ts';
import { admittedIn, newBucket } from './buckets.ts';

/** Makes so many calls at once, in turns in each process. @returns how many were admitted */
export async function callAll(
  processes: readonly Limits[],
  bucket: Bucket,
  count: number,
): Promise<number> {
  const turns = Array.from({ length: count }, (_, turn) => turn % processes.length);
  const calls = turns.flatMap((turn) => processes[turn]?.spend([bucket]) ?? []);
  return admittedIn(await Promise.all(calls));
}

/** Waits until each of them counts together with the others again. */
export async function untilTogether(...processes: readonly Limits[]): Promise<void> {
  for (const process of processes) {
    await expect
      .poll(async () => (await process.spend([newBucket()])).together, { timeout: 10_000 })
      .toBe(true);
  }
}
