import { z } from 'zod';

export const authSettings = {
  /** Where the keyring lies that signs access tokens: several hosts share it in the database. */
  JWT_KEYS_STORE: z.enum(['file', 'database']).default('file'),
  /** The file of the keyring. Readable by the service and nobody else. */
  JWT_KEYS_FILE: z.string().min(1).default('secrets/jwt-keys.json'),
  /** What this process is called while keys are rotated; the host's name where it is not set. */
  INSTANCE_ID: z
    .string()
    .regex(
      /^(?!-)[\w.:@-]{1,40}$/,
      'Must be 1 to 40 letters, digits, or any of . : @ _ -, and begin with no -',
    )
    .optional(),
};

export type AuthSettings = z.infer<z.ZodObject<typeof authSettings>>;
