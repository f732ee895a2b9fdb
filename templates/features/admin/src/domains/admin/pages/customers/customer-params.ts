import { z } from 'zod';

/** The parameters of a customer's page, and so of the actions on it. */
export const customerParams = z.object({ id: z.uuid() });
