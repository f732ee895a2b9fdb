import { z } from 'zod';
import type { HttpSettings } from '#app/http/settings.ts';

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

type OriginSettings = AdminSettings & Pick<HttpSettings, 'APP_ORIGIN'>;

/** Where the admin area is reached: links, cookies and what counts as this site follow from it. */
export function adminOrigin({ ADMIN_ORIGIN, APP_ORIGIN }: OriginSettings): string {
  return ADMIN_ORIGIN ?? APP_ORIGIN;
}

/** The same, where its host is the admin area's alone. */
export function separateOrigin({ ADMIN_ORIGIN, APP_ORIGIN }: OriginSettings): string | undefined {
  if (ADMIN_ORIGIN === undefined) return undefined;
  return new URL(ADMIN_ORIGIN).host === new URL(APP_ORIGIN).host ? undefined : ADMIN_ORIGIN;
}
