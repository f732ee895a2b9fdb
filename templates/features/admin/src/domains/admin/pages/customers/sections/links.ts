import { defineCustomerSection } from '../define-section.ts';

export const linksSection = defineCustomerSection({
  title: 'Links',
  permission: 'customers.read',
  load: async () => undefined,
  view: () => '',
});
