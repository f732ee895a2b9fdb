import { z } from 'zod';

/** The shortest and longest password, in characters (ASVS 5.0, 6.2.1 and 6.2.9). */
const passwordLength = { min: 8, max: 128 };

const Email = z
  .string()
  .trim()
  .toLowerCase()
  .pipe(z.email().max(254))
  .meta({ examples: ['you@example.com'] });

export const Registration = z
  .strictObject({
    email: Email,
    password: z
      .string()
      .min(passwordLength.min)
      .max(passwordLength.max)
      .meta({ examples: ['correct horse battery staple'] }),
  })
  .meta({ id: 'Registration' });

export const Credentials = z
  .strictObject({
    email: Email,
    password: z
      .string()
      .min(1)
      .max(passwordLength.max)
      .meta({ examples: ['correct horse battery staple'] }),
  })
  .meta({ id: 'Credentials' });

export const RefreshTokenInput = z
  .strictObject({ refreshToken: z.string().min(1).max(200) })
  .meta({ id: 'RefreshTokenInput' });

export const User = z
  .object({
    id: z.uuid(),
    email: z.email(),
    accountId: z.uuid().describe("The user's personal account."),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const UserAnswer = z.object({ user: User });

export const TokenPair = z
  .object({
    accessToken: z.string().describe('Proves who is asking: Authorization: Bearer …'),
    refreshToken: z.string().describe('Is exchanged for the next pair, once.'),
    expiresIn: z.int().describe('Seconds for which the access token is valid.'),
    tokenType: z.literal('Bearer'),
  })
  .meta({ id: 'TokenPair' });
