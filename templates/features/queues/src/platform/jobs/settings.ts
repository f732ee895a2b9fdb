import { z } from 'zod';

export const jobSettings = {
  /** Jobs that a process does at once. */
  JOBS_WORKERS: z.coerce.number().int().min(1).max(1000).default(5),
  /** Whether the process that serves requests does jobs too. */
  JOBS_IN_WEB: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .optional(),
  /** Where a worker tells whether it is well; nowhere where it is not set. */
  WORKER_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
};

export type JobSettings = z.infer<z.ZodObject<typeof jobSettings>>;

/** In production it does not, where nothing is said: jobs would take the time of requests. */
export function doesJobsInWeb(settings: JobSettings & { readonly NODE_ENV: string }): boolean {
  return settings.JOBS_IN_WEB ?? settings.NODE_ENV !== 'production';
}
