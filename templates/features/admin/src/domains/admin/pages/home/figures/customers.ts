import { defineFigure } from '../define-figure.ts';

export const customersFigure = defineFigure({
  title: 'Customers',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
