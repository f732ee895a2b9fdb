import { expect, test } from 'vitest';
import { request, useService, type Answer, type TestService } from './support/service.ts';
import { signUp } from './support/users.ts';

const origin = 'https://app.example.com';
const frontend = 'https://www.example.com';
const secure = useService({ APP_ORIGIN: origin, CORS_ORIGINS: frontend });
const local = useService();
const fromHere = { 'sec-fetch-site': 'same-origin' };

async function login(service: TestService, headers: Record<string, string> = fromHere) {
  const { email, password } = await signUp(service);
  return service.post('/v1/auth/login', { email, password, cookie: true }, headers);
}

/** What a browser would send back. */
const cookieOf = (answer: Answer): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');

test('on request the tokens that last are in cookies that no script reads, and nowhere else', async () => {
  const answer = await login(secure);
  expect(Object.keys(answer.body).toSorted()).toEqual(['accessToken', 'expiresIn', 'tokenType']);
  const [refresh, device] = answer.headers.getSetCookie();
  const attributes = 'Path=/; HttpOnly; SameSite=Strict; Secure';
  expect(refresh).toMatch(/^__Host-refresh=[\w-]{43}; Max-Age=604800; /);
  expect(device).toMatch(/^__Host-device=[\w-]{43}; Max-Age=15552000; /);
  for (const cookie of [refresh, device]) expect(cookie?.endsWith(attributes)).toBe(true);
});

test('on http://localhost their names are plain, for browsers refuse the others there', async () => {
  const cookies = (await login(local)).headers.getSetCookie();
  expect(cookies[0]).toMatch(
    /^refresh=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Strict$/,
  );
  expect(cookies[1]).toMatch(/^device=/);
});

test('without that request there is no cookie', async () => {
  const { email, password } = await signUp(secure);
  const answer = await secure.post('/v1/auth/login', { email, password });
  expect(answer.headers.getSetCookie()).toEqual([]);
  expect(answer.body.refreshToken).toMatch(/^[\w-]{43}$/);
});

test('refreshing and signing out take the token from the cookie', async () => {
  const first = await login(secure);
  const send = (path: string, cookie: string) =>
    secure.post(path, undefined, { ...fromHere, cookie: `other=1; ${cookie}` });

  const second = await send('/v1/auth/refresh', cookieOf(first));
  expect(second.status).toBe(200);
  expect(Object.keys(second.body).toSorted()).toEqual(['accessToken', 'expiresIn', 'tokenType']);
  expect(cookieOf(second)).toMatch(/^__Host-refresh=[\w-]{43}$/);
  expect(cookieOf(second)).not.toBe(cookieOf(first).split('; ')[0]);

  const out = await send('/v1/auth/logout', cookieOf(second));
  expect(out.status).toBe(204);
  expect(out.headers.getSetCookie()).toEqual([
    '__Host-refresh=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure',
  ]);
  expect((await send('/v1/auth/refresh', cookieOf(second))).status).toBe(401);
  const authorization = `Bearer ${second.body.accessToken}`;
  expect((await secure.get('/v1/auth/me', { authorization })).status).toBe(401);
});

test('the device is known by its cookie', async () => {
  const { email, password } = await signUp(secure);
  const first = await secure.post('/v1/auth/login', { email, password, cookie: true }, fromHere);
  for (let turn = 0; turn < 5; turn += 1) {
    await secure.post('/v1/auth/login', { email, password: 'a wrong password' });
  }
  const again = (headers: Record<string, string>) =>
    secure.post('/v1/auth/login', { email, password, cookie: true }, { ...fromHere, ...headers });
  expect((await again({})).status).toBe(429);
  expect((await again({ cookie: cookieOf(first) })).status).toBe(200);
});

test('a request without a token in its body or a cookie is refused', async () => {
  expect((await secure.post('/v1/auth/refresh', {})).status).toBe(401);
  expect((await secure.post('/v1/auth/refresh')).status).toBe(401);
  expect((await secure.post('/v1/auth/logout')).status).toBe(204);
});

test('nothing at all is a body too, as browsers send it', async () => {
  const cookie = cookieOf(await login(secure));
  const send = (path: string, headers: Record<string, string> = {}) =>
    request(secure.url, path, { method: 'POST', headers });
  const refreshed = await send('/v1/auth/refresh', { ...fromHere, cookie });
  expect(refreshed.status).toBe(200);
  const out = await send('/v1/auth/logout', { ...fromHere, cookie: cookieOf(refreshed) });
  expect(out.status).toBe(204);
  const { status, body } = await send('/v1/auth/login');
  expect([status, body.code]).toEqual([422, 'validation_failed']);
});

test('a cookie that is of no use any more is taken away', async () => {
  const cookie = cookieOf(await login(secure));
  await secure.post('/v1/auth/logout', undefined, { ...fromHere, cookie });
  const { status, headers } = await secure.post('/v1/auth/refresh', undefined, {
    ...fromHere,
    cookie,
  });
  expect(status).toBe(401);
  expect(headers.getSetCookie()).toEqual([
    '__Host-refresh=; Max-Age=0; Path=/; HttpOnly; SameSite=Strict; Secure',
  ]);
});

test('a request with a cookie from another site is refused, and does nothing', async () => {
  const cookie = cookieOf(await login(secure));
  const fromElsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
  const input = { email: 'who@example.com', password: 'a password', cookie: true };
  for (const answer of [
    await secure.post('/v1/auth/refresh', undefined, { ...fromElsewhere, cookie }),
    await secure.post('/v1/auth/logout', undefined, { ...fromElsewhere, cookie }),
    await secure.post('/v1/auth/login', input, fromElsewhere),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, 'cross_site_request']);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  const own = { ...fromHere, cookie };
  expect((await secure.post('/v1/auth/refresh', undefined, own)).status).toBe(200);
});

test('a token in the body is taken from anywhere: no browser adds it by itself', async () => {
  const { refreshToken } = await signUp(secure);
  const headers = { 'sec-fetch-site': 'cross-site' };
  expect((await secure.post('/v1/auth/refresh', { refreshToken }, headers)).status).toBe(200);
});
