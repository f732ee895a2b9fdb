import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { startOwnRedis, type OwnRedis } from './support/own-redis.ts';
import { startService, type TestService } from './support/service.ts';
import { askWho, signUp } from './support/users.ts';

let database: TestDatabase;
let own: OwnRedis;
let service: TestService;

beforeAll(async () => {
  database = await createTestDatabase();
  own = await startOwnRedis();
  service = await startService(database, { REDIS_URL: own.url });
});

afterAll(async () => {
  await service.stop();
  await own.close();
  await database.drop();
});

const readiness = async () => (await service.get('/readyz')).body;

test('a service that has started with Redis is ready', async () => {
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ status: 'ready' });
});

test('while Redis is killed, the service goes on and says so, and recovers by itself', async () => {
  await own.kill();
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({
    status: 'degraded',
    detail: expect.stringMatching(/^Redis cannot be used \(.+\)\.$/),
  });
  const { status } = await service.get('/readyz');
  expect(status).toBe(200);
  const { authorization } = await signUp(service);
  expect((await askWho(service, authorization)).status).toBe(200);

  await own.start();
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ status: 'ready' });
  const said = service.log.filter(({ msg }) => String(msg).startsWith('Redis is '));
  expect(said.map(({ msg }) => msg)).toEqual(['Redis is gone', 'Redis is back']);
});

test('while Redis takes connections and answers nothing, it says so too', async () => {
  await own.freeze();
  await expect.poll(readiness, { timeout: 10_000 }).toMatchObject({ status: 'degraded' });
  await own.thaw();
  await expect.poll(readiness, { timeout: 10_000 }).toEqual({ status: 'ready' });
});

test('with a Redis that refuses its password the service starts, and tells no password', async () => {
  const url = new URL(own.url);
  url.password = 'not-its-password';
  const refused = await startService(database, { REDIS_URL: url.href });
  try {
    const { body } = await refused.get('/readyz');
    expect(body).toEqual({ status: 'degraded', detail: 'Redis cannot be used (WRONGPASS).' });
    expect(JSON.stringify(refused.log)).not.toContain(url.password);
  } finally {
    await refused.stop();
  }
});
