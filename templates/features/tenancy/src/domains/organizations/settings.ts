import { z } from 'zod';

export const organizationSettings = {
  /** Members and open invitations that an organization has at most; as many as it likes without it. */
  ORGANIZATION_SEATS: z.coerce.number().int().min(1).max(1_000_000).optional(),
};

export type OrganizationSettings = z.infer<z.ZodObject<typeof organizationSettings>>;
