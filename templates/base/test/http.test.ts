import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { sendRaw } from './support/raw-http.ts';
import { useService } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService({
  APP_ORIGIN: 'https://api.example.com',
  CORS_ORIGINS: 'https://app.example.com, http://localhost:5173',
});

const login = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
  fetch(new URL('/v1/auth/login', service.url), { method: 'POST', headers, body });
const json = { 'content-type': 'application/json' };

test.for([
  ['an unknown address', () => fetch(new URL('/nowhere', service.url)), 404, 'not_found'],
  [
    'a method that the address does not take',
    () => fetch(new URL('/v1/auth/me', service.url), { method: 'DELETE' }),
    405,
    'method_not_allowed',
  ],
  ['JSON that is none', () => login('{"email":', json), 400, 'malformed_request'],
  ['JSON of one word', () => login('"hello"', json), 400, 'malformed_request'],
  [
    'another type of body',
    () => login('email=a', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported_media_type',
  ],
  [
    'an unknown charset',
    () => login('{}', { 'content-type': 'application/json; charset=klingon' }),
    415,
    'unsupported_media_type',
  ],
  [
    'an unknown encoding',
    () => login('{}', { ...json, 'content-encoding': 'rot13' }),
    415,
    'unsupported_media_type',
  ],
  [
    'a body over 100 kB',
    () => login(JSON.stringify({ email: 'x'.repeat(110_000) }), json),
    413,
    'content_too_large',
  ],
  [
    'a small body that unpacks to over 100 kB',
    () =>
      login(new Uint8Array(gzipSync(JSON.stringify({ email: 'x'.repeat(1_000_000) }))), {
        ...json,
        'content-encoding': 'gzip',
      }),
    413,
    'content_too_large',
  ],
  ['no body', () => login('', json), 422, 'validation_failed'],
  ['fields that are wrong', () => login('{"email":1}', json), 422, 'validation_failed'],
  ['a stranger', () => fetch(new URL('/v1/auth/me', service.url)), 401, 'unauthenticated'],
] as const)(
  '%s is answered as a problem, with an id that the log has too',
  async ([, send, status, code]) => {
    const response = await send();
    const problem = (await response.json()) as Record<string, unknown>;
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(problem).toMatchObject({
      type: `https://api.example.com/docs#error-${code}`,
      title: expect.any(String),
      status,
      code,
      instance: new URL(response.url).pathname,
      requestId: response.headers.get('x-request-id'),
    });
    expect(response.status).toBe(status);
    await expect
      .poll(() => service.log.find((line) => line['requestId'] === problem['requestId']))
      .toMatchObject({ msg: 'request', status });
  },
);

test.for([
  ['a header that is none', 'GET / HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n', 400],
  ['a method that is none', 'F@O / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['no Host', 'GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['two Hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n', 400],
  ['a target that is no path', 'GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  [
    'a body that says it is too long',
    'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{}',
    413,
  ],
  ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ['an unknown expectation', 'GET / HTTP/1.1\r\nHost: x\r\nExpect: cake\r\n\r\n', 417],
] as const)('%s is answered as a problem too', async ([, bytes, status]) => {
  const answer = await sendRaw(service.url, bytes);
  expect(answer.status).toBe(status);
  expect(answer.head).toMatch(/content-type: application\/problem\+json/i);
  const { requestId } = JSON.parse(answer.body);
  expect(answer.head.toLowerCase()).toContain(`x-request-id: ${requestId}`);
  await expect.poll(() => JSON.stringify(service.log)).toContain(requestId);
});

test('a refused method names those that the address takes', async () => {
  const response = await fetch(new URL('/v1/auth/me', service.url), { method: 'PATCH' });
  expect(response.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
  const options = await fetch(new URL('/v1/auth/me', service.url), { method: 'OPTIONS' });
  expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, HEAD, OPTIONS']);
});

const askFrom = (origin: string, init: RequestInit = {}) =>
  fetch(new URL('/v1/auth/me', service.url), { ...init, headers: { origin } });

test('a listed origin may read answers, another may not', async () => {
  for (const origin of ['https://app.example.com', 'http://localhost:5173']) {
    expect((await askFrom(origin)).headers.get('access-control-allow-origin')).toBe(origin);
    const preflight = await askFrom(origin, { method: 'OPTIONS' });
    expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  }
  const others = [
    'https://app.example.com.evil.example',
    'https://evil.example',
    'http://app.example.com',
    'null',
  ];
  for (const origin of others) {
    expect((await askFrom(origin)).headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('every answer carries the security headers', async () => {
  for (const path of ['/healthz', '/docs', '/nowhere']) {
    const { headers } = await service.get(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).not.toContain('unsafe-inline');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('strict-transport-security')).toContain('max-age=63072000');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test('an answer with tokens is kept in no cache', async () => {
  const { email, password } = await signUp(service);
  const { headers } = await service.post('/v1/auth/login', { email, password });
  expect(headers.get('cache-control')).toBe('no-store');
});

test('a forwarded address is not believed unless a proxy is set', async () => {
  const { headers } = await service.get('/healthz', { 'x-forwarded-for': '203.0.113.9' });
  const requestId = headers.get('x-request-id');
  await expect
    .poll(() => service.log.find((line) => line['requestId'] === requestId)?.['ip'])
    .toBe('127.0.0.1');
});

test('HEAD answers as GET does, without the body', async () => {
  const response = await fetch(new URL('/healthz', service.url), { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
});
