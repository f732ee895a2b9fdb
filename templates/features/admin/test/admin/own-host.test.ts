// The admin area on a host name of its own: it is there and nowhere else, and nothing else is there.
import { expect, test } from 'vitest';
import { sendRaw } from '../support/raw-http.ts';
import { request, startService, useService } from '../support/service.ts';

const service = useService({
  APP_ORIGIN: 'https://app.example.com',
  ADMIN_ORIGIN: 'https://admin.example.com',
});

test.for(['/admin', '/admin/sign-in', '/admin/assets/admin.css', '/admin/nothing'])(
  '%s is there on its own host alone',
  async (path) => {
    expect(await on('admin.example.com', path)).not.toBe(404);
    for (const host of ['app.example.com', '127.0.0.1', 'evil.example.com']) {
      expect(await on(host, path)).toBe(404);
    }
  },
);

test('that host answers with nothing else but whether the service is well', async () => {
  for (const path of [
    '/docs',
    '/openapi.json',
    '/auth/forgot-password',
    '/v1/auth/sessions',
    '/',
  ]) {
    expect([path, await on('admin.example.com', path)]).toEqual([path, 404]);
  }
  for (const path of ['/healthz', '/readyz']) {
    expect([path, await on('admin.example.com', path)]).toEqual([path, 200]);
    expect([path, await on('app.example.com', path)]).toEqual([path, 200]);
  }
  expect(await on('app.example.com', '/docs')).toBe(200);
});

test('the cookie is that host’s, and its forms come from that origin', async () => {
  const headers = { host: 'admin.example.com' };
  const body = 'email=a&password=b&code=c';
  const post = (origin: string) =>
    sendRaw(
      service.url,
      [
        'POST /admin/sign-in HTTP/1.1',
        `Host: ${headers.host}`,
        `Origin: ${origin}`,
        'Content-Type: application/x-www-form-urlencoded',
        `Content-Length: ${body.length}`,
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
    );
  expect((await post('https://admin.example.com')).status).toBe(422);
  expect((await post('https://app.example.com')).status).toBe(403);
});

test('where it is the host of the service, all answer there', async () => {
  const origin = 'http://localhost:3000';
  const one = await startService(service.database, { APP_ORIGIN: origin, ADMIN_ORIGIN: origin });
  try {
    for (const path of ['/admin/sign-in', '/docs']) {
      expect((await request(one.url, path, {})).status).toBe(200);
    }
  } finally {
    await one.stop();
  }
});

async function on(host: string, path: string): Promise<number> {
  const head = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  return (await sendRaw(service.url, head)).status;
}
