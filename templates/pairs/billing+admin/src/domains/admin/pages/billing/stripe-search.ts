import { z } from 'zod';
import { accountsByStripeId, findableIds } from '#app/domains/billing/stripe-ids.ts';
import type { CustomerSearch } from '../customers/define-section.ts';

export const stripeSearch: CustomerSearch = {
  hint: `Stripe id (${findableIds.map((prefix) => `${prefix}_…`).join(', ')})`,
  matches: z.string().regex(new RegExp(`^(?:${findableIds.join('|')})_\\w{1,250}$`)),
  find: ({ database }, id) => accountsByStripeId(database.queries, id),
};
