import { z } from 'zod';

export const metricsSettings = {
  /** Where the metrics are shown; loopback by default, since they are not for the world. */
  METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  /** Nowhere where it is not set. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  /** What a release is called; by default as its folder, which a deployment to a server names. */
  RELEASE: z.string().min(1).optional(),
  /** Holds the time of the last backup that was restored and found whole, in ISO 8601. */
  RESTORE_CHECK_FILE: z.string().min(1).optional(),
};

export type MetricsSettings = z.infer<z.ZodObject<typeof metricsSettings>>;
