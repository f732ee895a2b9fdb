import { z } from 'zod';
import type { CustomerSearch } from '../customers/define-section.ts';

export const stripeSearch: CustomerSearch = {
  hint: 'Stripe id',
  matches: z.string().regex(/^cus_\w+$/),
  find: async () => [],
};
