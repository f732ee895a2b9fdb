import { z } from 'zod';

export const accountSettings = {
  /** Whether an address has to be verified before its user can sign in. */
  EMAIL_VERIFICATION: z.enum(['optional', 'required']).default('optional'),
};

export type AccountSettings = z.infer<z.ZodObject<typeof accountSettings>>;
