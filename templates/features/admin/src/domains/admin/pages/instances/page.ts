import { defineAdminPage } from '../define-page.ts';

export const instancesPage = defineAdminPage({
  path: '/instances',
  title: 'Instances and keys',
  navigation: 'Instances and keys',
  permission: 'instances.read',
  load: async () => undefined,
  view: () => '',
});
