import { defineCustomerSection } from '../customers/define-section.ts';

export const paymentsSection = defineCustomerSection({
  title: 'Payments',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
