import { defineCustomerSection } from '../define-section.ts';

export const auditSection = defineCustomerSection({
  title: 'Audit',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
