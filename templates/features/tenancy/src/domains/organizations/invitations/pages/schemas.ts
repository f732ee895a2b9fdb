// What the pages take. It is checked again as the API checks it, so that what a person typed is
// answered by a page that says what to do.
import { z } from 'zod';

/** What cannot be a token is one that does not work: whoever followed it sees a page that says so. */
const Token = z.string().max(200).catch('');

export const LinkQuery = z.object({ token: Token });

export const LinkForm = z.strictObject({ token: Token });

export const RegistrationForm = z.strictObject({ token: Token, password: z.string().max(1000) });

export const SignInForm = z.strictObject({
  token: Token,
  password: z.string().max(1000),
  code: z.string().max(100).default(''),
});
