import { defineFigure } from '../define-figure.ts';

export const outboxFigure = defineFigure({
  title: 'Outbox',
  permission: 'home.read',
  load: async () => ({ value: '' }),
});
