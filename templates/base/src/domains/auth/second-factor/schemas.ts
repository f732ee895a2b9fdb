import { z } from 'zod';
import { Password } from '../schemas.ts';

export const FactorCode = z
  .string()
  .transform((code) => code.replaceAll(/\s/g, ''))
  .pipe(z.string().regex(/^\d{6}$/, 'Must be six digits'))
  .meta({ examples: ['123456'] });

export const RecoveryCode = z
  .string()
  .min(1)
  .max(50)
  .meta({ examples: ['ABCD-EFGH-IJKL-MNOP'] });

export const FactorBeginning = z
  .strictObject({ currentPassword: Password })
  .meta({ id: 'FactorBeginning' });

export const FactorSecret = z
  .object({
    secret: z.string().describe('To type into an authenticator app.'),
    url: z.string().describe('The same for a QR code: otpauth://totp/…'),
  })
  .meta({ id: 'FactorSecret' });

export const FactorConfirmation = z
  .strictObject({ code: FactorCode })
  .meta({ id: 'FactorConfirmation' });

export const FactorProof = z
  .strictObject({
    currentPassword: Password,
    code: FactorCode.optional(),
    recoveryCode: RecoveryCode.optional().describe('In place of the code.'),
  })
  .refine(({ code, recoveryCode }) => (code === undefined) !== (recoveryCode === undefined), {
    path: ['code'],
    error: 'Send a code or a recovery code',
  })
  .meta({ id: 'FactorProof' });

export const RecoveryCodes = z
  .object({
    recoveryCodes: z
      .array(z.string())
      .describe('Each stands in for the app once. They are not shown again.'),
  })
  .meta({ id: 'RecoveryCodes' });
