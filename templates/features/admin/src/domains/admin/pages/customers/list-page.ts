import { defineAdminPage } from '../define-page.ts';

export const customersPage = defineAdminPage({
  path: '/customers',
  title: 'Customers',
  navigation: 'Customers',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
