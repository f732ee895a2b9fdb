import { countOutbox } from '#app/platform/outbox/letters.ts';
import { formatCount } from '../count.ts';
import { defineFigure } from '../define-figure.ts';

/** What is still to be delivered, such as mails, and what was given up. */
export const outboxFigure = defineFigure({
  title: 'Outbox',
  permission: 'instances.read',
  async load({ database }) {
    const { dead, pending, sending, failed } = await countOutbox(database);
    const waiting = pending + sending + failed;
    return {
      value: `${formatCount(waiting)} waiting`,
      note: dead === 0 ? 'none given up' : `${formatCount(dead)} given up`,
      bad: dead > 0,
      to: '/admin/instances',
    };
  },
});
