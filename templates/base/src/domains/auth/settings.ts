import { z } from 'zod';

export const authSettings = {
  /** The keyring that signs access tokens. Readable by the service and nobody else. */
  JWT_KEYS_FILE: z.string().min(1).default('secrets/jwt-keys.json'),
};

export type AuthSettings = z.infer<z.ZodObject<typeof authSettings>>;
