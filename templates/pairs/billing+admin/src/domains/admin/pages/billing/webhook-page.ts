import { defineAdminPage } from '../define-page.ts';

export const webhookPage = defineAdminPage({
  path: '/webhooks/:id',
  title: 'Webhook',
  permission: 'webhooks.read',
  load: async () => undefined,
  view: () => '',
});
