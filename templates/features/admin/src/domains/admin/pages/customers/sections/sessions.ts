import { defineCustomerSection } from '../define-section.ts';

export const sessionsSection = defineCustomerSection({
  title: 'Sessions',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
