import { defineAdminPage } from '../define-page.ts';

export const operatorsPage = defineAdminPage({
  path: '/operators',
  title: 'Operators',
  navigation: 'Operators',
  permission: 'operators.read',
  load: async () => undefined,
  view: () => '',
});
