import { defineAdminPage } from '../define-page.ts';

export const webhooksPage = defineAdminPage({
  path: '/webhooks',
  title: 'Webhooks',
  navigation: 'Webhooks',
  permission: 'webhooks.read',
  load: async () => undefined,
  view: () => '',
});
