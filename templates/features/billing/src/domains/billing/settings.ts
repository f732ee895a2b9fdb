import { z } from 'zod';
import { isProduction, neededInProduction, refusedWhere } from '#app/environment.ts';

export const billingSettings = {
  /** Stripe's secret (or restricted) API key. Its prefix says whether money is real. */
  STRIPE_SECRET_KEY: neededInProduction(
    z
      .string()
      .trim()
      .regex(/^(?:sk|rk)_(?:test|live)_\w+$/, 'Must be a key such as sk_test_… or sk_live_…'),
  ),
  /** Secrets of the webhook endpoint: while one is rolled, the old and the new. */
  STRIPE_WEBHOOK_SECRETS: neededInProduction(
    z
      .string()
      .transform((text) => text.split(',').map((secret) => secret.trim()))
      .pipe(
        z.array(
          z.string().regex(/^whsec_\S+$/, 'Must be secrets such as whsec_…, comma-separated'),
        ),
      ),
  ),
  /** A server that answers in place of Stripe, which production and a live key are never given to. */
  STRIPE_API_BASE: refusedWhere(
    z
      .url({ protocol: /^https?$/, error: 'Must be a URL of the form http://127.0.0.1:12111' })
      .optional(),
    (given) => {
      if (isProduction(given)) return 'is for development and tests: production asks Stripe itself';
      const isLiveKey = /^\s*(?:sk|rk)_live_/.test(given['STRIPE_SECRET_KEY'] ?? '');
      return isLiveKey ? 'is not for a live key, which only Stripe itself may be told' : undefined;
    },
  ),
  /** Events that are processed at once, while their sender waits; the others wait for a worker. */
  WEBHOOK_INLINE: z.coerce.number().int().min(0).max(100).default(4),
  /** Workers in this process; 0 where another process has them. */
  WEBHOOK_WORKERS: z.coerce.number().int().min(0).max(100).default(2),
};

export type BillingSettings = z.infer<z.ZodObject<typeof billingSettings>>;
