import { defineAdminPage } from '../define-page.ts';

export const impersonationPage = defineAdminPage({
  path: '/impersonation',
  title: 'Impersonation',
  permission: 'impersonation.read',
  load: async () => undefined,
  view: () => '',
});
