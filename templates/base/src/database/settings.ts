import { z } from 'zod';

const databaseUrl = z.url({
  protocol: /^mysql$/,
  error: 'Must be a URL of the form mysql://user:password@host:3306/database',
});

export const databaseSettings = {
  /** The application's own database user, with no more rights than it needs. */
  DATABASE_URL: databaseUrl,
  /** The owner of the schema, for migrations; DATABASE_URL where it is not set. */
  MIGRATION_DATABASE_URL: databaseUrl.optional(),
  /** Connections that each process keeps at most. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10),
};

export type DatabaseSettings = z.infer<z.ZodObject<typeof databaseSettings>>;
