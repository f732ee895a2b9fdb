import { decimalOf, formatMoney } from '#app/domains/billing/money.ts';
import { recentRevenue, type DayRevenue } from '#app/domains/billing/revenue.ts';
import { defineFigure } from '../home/define-figure.ts';

/** Days of the chart. */
const days = 30;

export const revenueFigure = defineFigure({
  title: 'Revenue this month',
  permission: 'home.read',
  load: async ({ database }) => {
    const { today, rows } = await recentRevenue(database.queries);
    const byCurrency = Object.entries(
      Object.groupBy(rows, ({ currency }) => currency) as Record<string, DayRevenue[]>,
    )
      .map(([currency, own]) => ({ currency, own, total: totalOf(own, today.slice(0, 7)) }))
      .toSorted((a, b) => b.own.length - a.own.length || a.currency.localeCompare(b.currency));
    const [main] = byCurrency;
    if (main === undefined) return { value: '0', note: 'Paid, less what was refunded.' };

    return {
      value: byCurrency.map(({ total, currency }) => formatMoney(total, currency)).join(' + '),
      note: `Paid, less what was refunded. The chart: ${main.currency.toUpperCase()}, ${days} days.`,
      days: lastDays(today).map((day) => ({
        day,
        value: Number(decimalOf(totalOf(main.own, day), main.currency)),
      })),
    };
  },
});

/** @param period a day or a month, as its text begins */
function totalOf(rows: readonly DayRevenue[], period: string): number {
  return rows
    .filter(({ day }) => day.startsWith(period))
    .reduce((total, { amount }) => total + amount, 0);
}

/** The oldest first. */
function lastDays(today: string): string[] {
  const end = Date.parse(today);
  return Array.from({ length: days }, (_, index) =>
    new Date(end - (days - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  );
}
