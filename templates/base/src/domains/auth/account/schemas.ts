import { z } from 'zod';
import { Email, NewPassword, Password } from '../schemas.ts';

export const RegistrationInput = z
  .strictObject({ email: Email, password: NewPassword })
  .meta({ id: 'Registration' });

export const EmailInput = z.strictObject({ email: Email }).meta({ id: 'EmailInput' });

const LinkToken = z.string().min(1).max(200).describe('From the link in the mail.');

export const LinkInput = z.strictObject({ token: LinkToken }).meta({ id: 'LinkInput' });

export const PasswordResetInput = z
  .strictObject({ token: LinkToken, password: NewPassword })
  .meta({ id: 'PasswordReset' });

export const PasswordResetAnswer = z
  .object({
    deviceToken: z
      .string()
      .describe('To send with the next sign-in on this device: others cannot slow that one down.'),
  })
  .meta({ id: 'PasswordResetAnswer' });

export const PasswordChangeInput = z
  .strictObject({ currentPassword: Password, password: NewPassword })
  .meta({ id: 'PasswordChange' });

export const EmailChangeInput = z
  .strictObject({ currentPassword: Password, email: Email })
  .meta({ id: 'EmailChange' });

export const User = z
  .object({
    id: z.uuid(),
    email: z.email(),
    emailVerified: z.boolean().describe('Whether a link that was sent to it was followed.'),
    accountId: z.uuid().describe("The user's personal account."),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const UserAnswer = z.object({ user: User });
