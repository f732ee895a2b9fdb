import { defineFigure } from '../home/define-figure.ts';

export const subscriptionsFigure = defineFigure({
  title: 'Subscriptions',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
