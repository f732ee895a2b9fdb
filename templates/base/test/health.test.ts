import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { migrate } from '#app/database/migrate.ts';
import { readMigrations } from '#app/database/migrations.ts';
import { createEmptyDatabase, type TestDatabase } from './support/database.ts';
import { openProxy, type Proxy } from './support/proxy.ts';
import { startService, type TestService } from './support/service.ts';
import { signUp } from './support/users.ts';

let database: TestDatabase;
let proxy: Proxy;
let service: TestService;

beforeAll(async () => {
  database = await createEmptyDatabase();
  proxy = await openProxy(new URL(database.url));
  service = await startService(database, { DATABASE_URL: proxy.url });
});

afterAll(async () => {
  await service.stop();
  await proxy.close();
  await database.drop();
});

afterEach(() => vi.useRealTimers());

const readiness = async () => (await service.get('/readyz')).body;

test('until its migrations are applied, the service answers but is not ready', async () => {
  expect((await service.get('/healthz')).body).toEqual({ status: 'ok' });
  const { status, headers, body } = await service.get('/readyz');
  expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'not_ready', '5']);
  expect(body.detail).toMatch(/0000_initial\.sql.*db:migrate/);

  await migrate(database.connection, await readMigrations());
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ status: 'ready' });
});

test('without its database it says so, and it recovers by itself', async () => {
  const user = await signUp(service);
  await proxy.cut();

  expect((await service.get('/healthz')).status).toBe(200);
  for (const path of ['/readyz', '/v1/auth/me']) {
    const { status, headers, body } = await service.get(path, user.authorization);
    expect([path, status, headers.get('retry-after')]).toEqual([path, 503, '5']);
    expect(body.detail).toMatch(/database/);
  }

  await proxy.restore();
  expect((await service.get('/readyz')).status).toBe(200);
  expect((await service.get('/v1/auth/me', user.authorization)).status).toBe(200);
});

test('while it cannot read which sessions have ended, it is degraded, and goes on', async () => {
  const { authorization } = await signUp(service);
  await database.connection.query('LOCK TABLES sessions WRITE');
  const now = performance.now();
  vi.useFakeTimers({ toFake: ['performance'] });
  vi.advanceTimersByTime(now + 5000);
  const { status, body } = await service.get('/readyz');
  expect([status, body.status]).toEqual([200, 'degraded']);
  expect(body.detail).toMatch(/sessions have ended/);
  expect((await service.get('/v1/auth/me', authorization)).status).toBe(200);

  await database.connection.query('UNLOCK TABLES');
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ status: 'ready' });
});
