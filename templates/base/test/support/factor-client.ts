import { expect } from 'vitest';
import { authenticator } from './authenticator.ts';
import { request, type Answer, type TestService } from './service.ts';
import { signUpVerified, type SignedInUser } from './users.ts';

export interface FactorUser extends SignedInUser {
  readonly code: (stepsAgo?: number) => string;
  readonly secret: string;
  readonly recoveryCodes: readonly string[];
}

/** What users do about their authenticator app. */
export function factorClient(service: TestService) {
  const post = (user: SignedInUser, path: string, body: unknown) =>
    service.post(path, body, user.authorization);
  const remove = (user: SignedInUser, body: unknown): Promise<Answer> =>
    request(service.url, '/v1/auth/totp', {
      method: 'DELETE',
      headers: { 'content-type': 'application/json', ...user.authorization },
      body: JSON.stringify(body),
    });
  const login = ({ email, password }: SignedInUser, more: Record<string, unknown> = {}) =>
    service.post('/v1/auth/login', { email, password, ...more });

  /** Lets the step pass whose code was used, and what was guessed be forgotten. */
  async function laterOn(): Promise<void> {
    await service.database.connection.query('UPDATE totp_factors SET last_step = 0');
    await service.database.connection.query('DELETE FROM auth_attempts');
  }

  async function begin(user: SignedInUser): Promise<string> {
    const { status, body } = await post(user, '/v1/auth/totp', { currentPassword: user.password });
    expect(status).toBe(200);
    return body.secret;
  }

  async function withFactor(): Promise<FactorUser> {
    const user = await signUpVerified(service);
    const secret = await begin(user);
    const code = authenticator(secret);
    const { status, body } = await post(user, '/v1/auth/totp/confirm', { code: code() });
    expect(status).toBe(200);
    await laterOn();
    return { ...user, secret, code, recoveryCodes: body.recoveryCodes };
  }

  return { begin, login, post, remove, withFactor };
}
