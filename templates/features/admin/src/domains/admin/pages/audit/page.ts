import { defineAdminPage } from '../define-page.ts';

export const auditPage = defineAdminPage({
  path: '/audit',
  title: 'Audit log',
  navigation: 'Audit log',
  permission: 'audit.read',
  load: async () => undefined,
  view: () => '',
});
