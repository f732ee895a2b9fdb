import { z } from 'zod';
import { Email, Password } from '../schemas.ts';
import { FactorCode, RecoveryCode } from '../second-factor/schemas.ts';

/** What this service draws is 43 characters long. */
const token = z.string().min(1).max(200);

export const Credentials = z
  .strictObject({
    email: Email,
    password: Password,
    code: FactorCode.optional().describe('Of the authenticator app, where the user has one.'),
    recoveryCode: RecoveryCode.optional().describe('In place of the code.'),
    deviceToken: token
      .optional()
      .describe('What the last sign-in on this device gave: others cannot slow this one down.'),
    cookie: z
      .boolean()
      .default(false)
      .describe('Keep the refresh token and the device token in cookies that no script can read.'),
  })
  .refine(({ code, recoveryCode }) => code === undefined || recoveryCode === undefined, {
    path: ['recoveryCode'],
    error: 'Send a code or a recovery code',
  })
  .meta({ id: 'Credentials' });

export const RefreshTokenInput = z
  .strictObject({
    refreshToken: token.optional().describe('Left out where it is in a cookie.'),
  })
  .meta({ id: 'RefreshTokenInput' });

export const TokenPair = z
  .object({
    accessToken: z.string().describe('Proves who is asking: Authorization: Bearer …'),
    refreshToken: z
      .string()
      .optional()
      .describe('Is exchanged for the next pair, once. Left out where it is in a cookie.'),
    expiresIn: z.int().describe('Seconds for which the access token is valid.'),
    tokenType: z.literal('Bearer'),
  })
  .meta({ id: 'TokenPair' });

export const SignedIn = TokenPair.extend({
  deviceToken: z
    .string()
    .optional()
    .describe('To send with the next sign-in on this device. Left out where it is in a cookie.'),
}).meta({ id: 'SignedIn' });
