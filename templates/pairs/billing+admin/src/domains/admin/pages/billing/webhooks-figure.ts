import { countEvents, longestWait } from '#app/domains/billing/webhooks/event-counts.ts';
import { defineFigure } from '../home/define-figure.ts';
import { eventCount } from './webhook-state.ts';

export const webhooksFigure = defineFigure({
  title: 'Webhooks given up',
  permission: 'home.read',
  load: async ({ database }) => {
    const [{ dead }, wait] = await Promise.all([countEvents(database), longestWait(database)]);
    return {
      value: eventCount(dead),
      note: wait === undefined ? 'None waits.' : `The oldest that waits has for ${span(wait)}.`,
      to: dead > 0 ? '/admin/webhooks?state=dead' : '/admin/webhooks',
      bad: dead > 0,
    };
  },
});

function span(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} minutes`;
  return `${Math.floor(seconds / 3600)} hours`;
}
