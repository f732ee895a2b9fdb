import { z } from 'zod';
import { Email, Password } from '../schemas.ts';

export const Credentials = z
  .strictObject({ email: Email, password: Password })
  .meta({ id: 'Credentials' });

export const RefreshTokenInput = z
  .strictObject({ refreshToken: z.string().min(1).max(200) })
  .meta({ id: 'RefreshTokenInput' });

export const TokenPair = z
  .object({
    accessToken: z.string().describe('Proves who is asking: Authorization: Bearer …'),
    refreshToken: z.string().describe('Is exchanged for the next pair, once.'),
    expiresIn: z.int().describe('Seconds for which the access token is valid.'),
    tokenType: z.literal('Bearer'),
  })
  .meta({ id: 'TokenPair' });
