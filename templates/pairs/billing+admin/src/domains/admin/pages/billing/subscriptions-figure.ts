import { countSubscriptions } from '#app/domains/billing/subscriptions/counts.ts';
import { defineFigure } from '../home/define-figure.ts';

export const subscriptionsFigure = defineFigure({
  title: 'Active subscriptions',
  permission: 'home.read',
  load: async ({ database }) => {
    const { active, trialing, past_due: pastDue } = await countSubscriptions(database.queries);
    return {
      value: active.toLocaleString('en'),
      note: `${trialing.toLocaleString('en')} more in trial, ${pastDue.toLocaleString('en')} past due.`,
    };
  },
});
