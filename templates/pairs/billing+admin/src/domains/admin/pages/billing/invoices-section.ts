import { defineCustomerSection } from '../customers/define-section.ts';

export const invoicesSection = defineCustomerSection({
  title: 'Invoices',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
