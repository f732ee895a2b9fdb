import { defineAdminPage } from '../define-page.ts';

export const paymentPage = defineAdminPage({
  path: '/payments/:accountId/:id',
  title: 'Payment',
  permission: 'payments.read',
  load: async () => undefined,
  view: () => '',
});
