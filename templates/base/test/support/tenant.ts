import { decodeJwt } from 'jose';
import { request, type Answer, type TestService } from './service.ts';
import { signUp } from './users.ts';

/** An account, and somebody who is signed in for it. */
export interface Tenant {
  readonly accountId: string;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  patch(path: string, body?: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
}

/** @param accessToken says which account it is */
export function tenantOf(service: TestService, accessToken: string): Tenant {
  const own = { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` };
  const send = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    request(service.url, path, {
      method,
      headers: { ...own, ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  return {
    accountId: String(decodeJwt(accessToken)['acc']),
    get: (path) => send('GET', path),
    post: (path, body, headers) => send('POST', path, body, headers),
    patch: (path, body) => send('PATCH', path, body),
    delete: (path, body) => send('DELETE', path, body),
  };
}

/** A user's own account. */
export async function personalTenant(service: TestService): Promise<Tenant> {
  const { accessToken } = await signUp(service);
  return tenantOf(service, accessToken);
}
