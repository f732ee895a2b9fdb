import { gte, sql } from 'drizzle-orm';
import type { Queries } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import { users } from '#app/domains/auth/models.ts';
import { countRows } from '../count.ts';
import { defineFigure, type FigureValue } from '../define-figure.ts';

const day = 86_400_000;
const charted = 30;

/** How many there are, and how many came on each of the last days. */
export const customersFigure = defineFigure({
  title: 'Customers',
  permission: 'customers.read',
  async load({ database: { queries } }) {
    const [value, days] = await Promise.all([
      countRows(queries, sql`SELECT 1 FROM ${users}`),
      newByDay(queries, new Date()),
    ]);
    const note = `${days.at(-1)?.value ?? 0} new today`;
    return { value, note, days, to: '/admin/customers' };
  },
});

async function newByDay(queries: Queries, now: Date): Promise<NonNullable<FigureValue['days']>> {
  const days = Array.from({ length: charted }, (_, index) =>
    dayOf(now.getTime() - (charted - 1 - index) * day),
  );
  // An id begins with the time at which it was made: those of these days are the end of the key.
  const [first = ''] = days;
  const firstId = newId(Date.parse(first)).slice(0, 13);
  const date = sql<string>`DATE_FORMAT(${users.createdAt}, '%Y-%m-%d')`;
  const rows = await queries
    .select({ day: date, count: sql<number>`COUNT(*)` })
    .from(users)
    .where(gte(users.id, firstId))
    .groupBy(date);
  const counts = new Map(rows.map(({ day: each, count }) => [each, count]));
  return days.map((each) => ({ day: each, value: counts.get(each) ?? 0 }));
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
