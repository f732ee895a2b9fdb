import { z } from 'zod';

/** The parameters of an organization's page, and so of the actions on it. */
export const organizationParams = z.object({ id: z.uuid() });
