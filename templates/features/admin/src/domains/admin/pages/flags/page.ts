import { defineAdminPage } from '../define-page.ts';

export const flagPage = defineAdminPage({
  path: '/flags/:name',
  title: 'Feature flag',
  permission: 'flags.read',
  load: async () => undefined,
  view: () => '',
});
