/** Seconds. */
export const hour = 3600;
export const day = 24 * hour;

/**
 * When a period that starts then is over: a month later on the anchor's day, or on the last one
 * where the month has no such day.
 *
 * @param anchor the moment whose day of the month is kept to
 */
export function periodEnd(
  start: number,
  interval: string,
  count: number,
  anchor: number = start,
): number {
  if (interval === 'day') return start + count * day;
  if (interval === 'week') return start + count * 7 * day;
  const from = new Date(start * 1000);
  const months = interval === 'year' ? 12 * count : count;
  const target = new Date(from);
  target.setUTCDate(1);
  target.setUTCMonth(target.getUTCMonth() + months);
  const lastDay = new Date(
    Date.UTC(target.getUTCFullYear(), target.getUTCMonth() + 1, 0),
  ).getUTCDate();
  target.setUTCDate(Math.min(new Date(anchor * 1000).getUTCDate(), lastDay));
  return target.getTime() / 1000;
}
