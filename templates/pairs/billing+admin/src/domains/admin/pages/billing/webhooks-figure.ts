import { defineFigure } from '../home/define-figure.ts';

export const webhooksFigure = defineFigure({
  title: 'Webhooks',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
