import { defineAdminPage } from '../define-page.ts';

export const homePage = defineAdminPage({
  path: '/',
  title: 'Home',
  navigation: 'Home',
  permission: 'home.read',
  load: async () => undefined,
  view: () => '',
});
