import { expect } from 'vitest';

import type { Answer, Api } from '../../../scripts/lib/api.ts';

const password = 'correct horse battery staple';

/** One user's way through the first domain. */
export async function examineSignIn(api: Api): Promise<void> {
  const email = `${crypto.randomUUID()}@example.com`;
  const user = await examineRegistration(api, email);

  const login = await api.login(email, password);
  expect(login.status, login.text).toBe(200);
  expect(login.json).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 });
  const { accessToken = '', refreshToken = '' } = login.json ?? {};

  const me = await api.me(accessToken);
  expect(me.status, me.text).toBe(200);
  expect(me.json?.user).toEqual(user);

  const refreshed = await api.refresh(refreshToken);
  expect(refreshed.status, refreshed.text).toBe(200);
  const next = refreshed.json?.refreshToken ?? '';
  const renewed = refreshed.json?.accessToken ?? '';
  expect(next).not.toBe(refreshToken);
  expect((await api.me(renewed)).status).toBe(200);

  expect((await api.logout(next)).status).toBe(204);
  expect((await api.refresh(next)).status).toBe(401);
  expect((await api.me(renewed)).status).toBe(401);
}

/** @returns the user that was registered */
async function examineRegistration(api: Api, email: string): Promise<object | undefined> {
  const registered = await api.register(email, password);
  expect(registered.status, registered.text).toBe(201);
  expect(registered.json?.user?.email).toBe(email);
  expect(registered.text).not.toContain('argon2');
  // Nobody learns that the address is taken, and it stays with whom it was.
  const repeated = await api.register(email, `${password}!`);
  expect(repeated.status, repeated.text).toBe(201);
  expect(Object.keys(repeated.json?.user ?? {})).toEqual(Object.keys(registered.json?.user ?? {}));
  expect((await api.login(email, `${password}!`)).status).toBe(401);
  return registered.json?.user;
}

export async function examineSelfDescription(api: Api): Promise<void> {
  expect((await api.get('/healthz')).status).toBe(200);
  const ready = await api.get('/readyz');
  expect(ready.status, ready.text).toBe(200);

  const openapi = await api.get('/openapi.json');
  expect(openapi.json?.['openapi']).toMatch(/^3\.1\./);
  expect(Object.keys(openapi.json?.['paths'] ?? {})).toEqual(
    expect.arrayContaining(['/v1/auth/register', '/v1/auth/login', '/v1/auth/me']),
  );

  const docs = await api.get('/docs');
  expect(docs.headers.get('content-type')).toContain('text/html');
  const loaded = [...docs.text.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, url]) => url ?? '');
  for (const url of loaded.filter((one) => !one.startsWith('data:'))) {
    // Served from the project's own files: no other origin is asked for anything.
    expect(new URL(url, api.url).origin).toBe(api.url);
    expect((await api.get(url)).status, url).toBe(200);
  }
}

/**
 * Errors of every layer: routing, parser, guard, validation.
 *
 * @returns the request ids that were given
 */
export async function examineErrors(api: Api): Promise<string[]> {
  const json = { 'content-type': 'application/json' };
  const register = (init: RequestInit) => api.request('POST', '/v1/auth/register', init);
  const large = JSON.stringify({ email: 'a@example.com', password: 'x'.repeat(200_000) });
  const cases: [number, () => Promise<Answer>][] = [
    [404, () => api.get('/nowhere')],
    [404, () => api.get('/v1/auth/me/nowhere')],
    [405, () => api.request('DELETE', '/v1/auth/me')],
    [400, () => register({ headers: json, body: '{"email":' })],
    [413, () => register({ headers: json, body: large })],
    [415, () => register({ headers: { 'content-type': 'text/plain' }, body: 'email' })],
    [422, () => register({ headers: json, body: '{"email":"nobody","password":"short"}' })],
    [401, () => api.get('/v1/auth/me')],
    [401, () => api.me('not.a.token')],
  ];
  const ids = [];
  for (const [status, ask] of cases) {
    const answer = await ask();
    expectProblem(answer, status);
    ids.push(answer.json?.requestId ?? '');
  }
  return ids;
}

/** RFC 9457, with the request's id in body and header, and nothing of the inside. */
export function expectProblem(answer: Answer, status: number): void {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.json).toMatchObject({
    type: expect.any(String),
    title: expect.any(String),
    status,
    requestId: expect.stringMatching(/^[\w-]{16,}$/),
  });
  expect(answer.headers.get('x-request-id')).toBe(answer.json?.requestId);
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d+|\bselect\b|\binsert\b/i);
}
