import { inArray, sql } from 'drizzle-orm';
import { webhookEvents } from '#app/domains/billing/webhooks/models.ts';
import type { Figures } from './figure.ts';

const states = ['received', 'processing', 'failed', 'dead'] as const;

export const inboxFigures: Figures = {
  about: { webhook_events: 'Events that were received and are not processed.' },
  states,
  async read({ queries }) {
    const rows = await queries
      .select({ state: webhookEvents.state, value: sql<number>`COUNT(*)` })
      .from(webhookEvents)
      .where(inArray(webhookEvents.state, [...states]))
      .groupBy(webhookEvents.state);
    return rows.map(({ state, value }) => ({ name: 'webhook_events', state, value }));
  },
};
