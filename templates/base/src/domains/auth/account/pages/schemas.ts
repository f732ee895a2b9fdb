// What the pages take. It is checked again as the API checks it, so that what a person typed is
// answered by a page that says what to do.
import { z } from 'zod';

export const LinkQuery = z.object({ token: z.string().max(200).default('') });

export const LinkForm = z.strictObject({ token: z.string().max(200) });

export const PasswordForm = z.strictObject({
  token: z.string().max(200),
  password: z.string().max(1000),
});

export const EmailForm = z.strictObject({ email: z.string().max(1000) });
