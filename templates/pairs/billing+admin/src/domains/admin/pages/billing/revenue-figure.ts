import { defineFigure } from '../home/define-figure.ts';

export const revenueFigure = defineFigure({
  title: 'Revenue',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
