import { z } from 'zod';

export const adminSettings = {
  /**
   * The origin of the admin area, where it has a host name of its own (ASVS 5.0, 3.5.4); where it is
   * not set, it lies below APP_ORIGIN.
   */
  ADMIN_ORIGIN: z
    .url({ protocol: /^https?$/ })
    .refine(
      (value) => URL.parse(value)?.origin === value,
      'Must be an origin: scheme and host, no path',
    )
    .optional(),
};

export type AdminSettings = z.infer<z.ZodObject<typeof adminSettings>>;
