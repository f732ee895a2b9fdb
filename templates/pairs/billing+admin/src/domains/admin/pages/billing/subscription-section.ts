import { defineCustomerSection } from '../customers/define-section.ts';

export const subscriptionSection = defineCustomerSection({
  title: 'Subscription',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
