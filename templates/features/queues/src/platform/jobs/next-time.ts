import { getNextMillis } from 'bullmq';

/** When a job is due again and again: by an expression of cron, in UTC, or every so many seconds. */
export type Schedule =
  | { readonly cron: string; readonly every?: undefined }
  | { readonly every: number; readonly cron?: undefined };

/**
 * The first time after a moment. Every so many seconds counts from 1970, so that all processes agree,
 * and an hour begins at the hour.
 *
 * @throws Error where there is no such time
 */
export function nextTime({ cron, every }: Schedule, after: Date): Date {
  if (every !== undefined && !(Number.isInteger(every) && every > 0)) {
    throw new RangeError(`every ${every} seconds`);
  }
  const time = getNextMillis(
    after.getTime(),
    every === undefined ? { pattern: cron, tz: 'UTC' } : { every: every * 1000 },
  );
  if (time === undefined) throw new RangeError(`${cron} is never`);
  return new Date(time);
}
