import { z } from 'zod';
import { Email, NewPassword } from '../schemas.ts';

export const RegistrationInput = z
  .strictObject({ email: Email, password: NewPassword })
  .meta({ id: 'Registration' });

export const User = z
  .object({
    id: z.uuid(),
    email: z.email(),
    accountId: z.uuid().describe("The user's personal account."),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'User' });

export const UserAnswer = z.object({ user: User });
