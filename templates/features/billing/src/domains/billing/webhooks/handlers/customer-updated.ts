import { lockCustomer } from '../../customers.ts';
import { defineHandler } from '../handler.ts';

export const customerUpdated = defineHandler({
  type: 'customer.updated',
  async handle({ data }, context) {
    await lockCustomer(context, data.object.id);
  },
});
