import { defineAdminPage } from '../define-page.ts';

export const flagsPage = defineAdminPage({
  path: '/flags',
  title: 'Feature flags',
  navigation: 'Feature flags',
  permission: 'flags.read',
  load: async () => undefined,
  view: () => '',
});
