import { z } from 'zod';

const origin = z
  .url({ protocol: /^https?$/ })
  .refine(
    (value) => URL.parse(value)?.origin === value,
    'Must be an origin: scheme and host, no path',
  );

export const httpSettings = {
  /** Where the process listens. Loopback by default: a proxy in front of it faces the network. */
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  /** The address under which browsers and mails reach this service; links are made from it alone. */
  APP_ORIGIN: origin,
  /** Browser origins that may call the API: exact, comma-separated, none by default. */
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((list) =>
      list
        .split(',')
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(origin)),
  /** How many proxies stand in front: that many entries of X-Forwarded-For are believed. */
  TRUST_PROXY_HOPS: z.coerce.number().int().min(0).max(10).default(0),
  /**
   * Milliseconds for which a stopping service still serves, while `/readyz` says 503 and every answer
   * closes its connection: the time in which a proxy notices and idle clients leave.
   */
  SHUTDOWN_DELAY_MS: z.coerce.number().int().min(0).max(60_000).default(500),
};

export type HttpSettings = z.infer<z.ZodObject<typeof httpSettings>>;
