import { z } from 'zod';

export const organizationSettings = {
  /** Seats that every organization has; a grant, or a plan, may give more. */
  ORGANIZATION_SEATS: z.coerce.number().int().min(1).max(1_000_000).optional(),
};

export type OrganizationSettings = z.infer<z.ZodObject<typeof organizationSettings>>;
