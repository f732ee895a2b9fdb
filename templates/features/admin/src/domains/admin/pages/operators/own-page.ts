import { defineAdminPage } from '../define-page.ts';

export const ownPage = defineAdminPage({
  path: '/me',
  title: 'Your sign-in',
  permission: 'own.read',
  load: async () => undefined,
  view: () => '',
});
