import { isNull, sql } from 'drizzle-orm';
import { outbox } from '../outbox/models.ts';
import type { Figures } from './figure.ts';

export const outboxFigures: Figures = {
  about: {
    outbox_letters: 'Mails and other effects that were not delivered.',
    outbox_oldest_seconds: 'The age of the oldest of them.',
  },
  states: ['pending', 'sending', 'failed', 'dead'],
  async read({ queries }) {
    const rows = await queries
      .select({
        state: outbox.state,
        count: sql<number>`COUNT(*)`,
        oldest: sql<number>`TIMESTAMPDIFF(SECOND, MIN(${outbox.createdAt}), UTC_TIMESTAMP(3))`,
      })
      .from(outbox)
      .where(isNull(outbox.sentAt))
      .groupBy(outbox.state);
    return rows.flatMap(({ state, count, oldest }) => [
      { name: 'outbox_letters', state, value: count },
      { name: 'outbox_oldest_seconds', state, value: oldest },
    ]);
  },
};
