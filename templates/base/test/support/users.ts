import { randomBytes } from 'node:crypto';
import { tokenIn } from './mailed-links.ts';
import { mailTo } from './sent-mail.ts';
import type { Answer, TestService } from './service.ts';

export interface SignedInUser {
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** The header that proves it. */
  readonly authorization: { readonly authorization: string };
}

/** Registers a user of the test's own and signs in. */
export async function signUp(service: TestService): Promise<SignedInUser> {
  const email = `${randomBytes(6).toString('hex')}@example.com`;
  const password = 'correct horse battery staple';
  await service.post('/v1/auth/register', { email, password });
  const { body } = await service.post('/v1/auth/login', { email, password });
  return {
    email,
    password,
    accessToken: body.accessToken,
    refreshToken: body.refreshToken,
    authorization: { authorization: `Bearer ${body.accessToken}` },
  };
}

/** The same, and follows the link that verifies the address. */
export async function signUpVerified(service: TestService): Promise<SignedInUser> {
  const user = await signUp(service);
  const token = tokenIn(await mailTo(service.mailFolder, user.email));
  await service.post('/v1/auth/email/verify', { token });
  return user;
}

/** Asks as whom a client is signed in. */
export function askWho(
  { get }: Pick<TestService, 'get'>,
  authorization: Record<string, string> = {},
): Promise<Answer> {
  return get('/v1/auth/me', authorization);
}
