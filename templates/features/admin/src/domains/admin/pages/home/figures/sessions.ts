import { defineFigure } from '../define-figure.ts';

export const sessionsFigure = defineFigure({
  title: 'Sessions',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
