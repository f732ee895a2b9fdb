import { defineCustomerSection } from '../define-section.ts';

export const impersonationSection = defineCustomerSection({
  title: 'Impersonation',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
