import { z } from 'zod';

const points = z.union(
  [
    z.literal('unlimited').transform(() => Infinity),
    z.coerce.number().int().min(1).max(1_000_000_000),
  ],
  { error: 'Must be a whole number from 1 to 1000000000, or unlimited' },
);

export const limitSettings = {
  /** What an account may spend in each window, on routes without a limit of their own. */
  RATE_LIMIT_POINTS: points.default(600),
  /** The same for an address range, on routes that nobody has to sign in for. */
  RATE_LIMIT_ADDRESS_POINTS: points.default(1200),
  /** Seconds that a window of these lasts. */
  RATE_LIMIT_SECONDS: z.coerce.number().int().min(1).max(86_400).default(60),
};

export type LimitSettings = z.infer<z.ZodObject<typeof limitSettings>>;
