import { defineAdminPage } from '../define-page.ts';

export const customerPage = defineAdminPage({
  path: '/customers/:id',
  title: 'Customer',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
