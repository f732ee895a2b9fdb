// What Prometheus reads of a running service.
import { expect, test } from 'vitest';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { RowDataPacket } from 'mysql2/promise';
import { newId } from '#app/database/id.ts';
import { openDatabase } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { openMetrics, type Metrics } from '#app/platform/metrics/metrics.ts';
import { temporaryFolder } from '../support/folder.ts';
import { useService } from '../support/service.ts';
import { testSealing as sealing } from '../support/sealing.ts';

const service = useService({ METRICS_PORT: '0' });

/** Where the service says that its metrics are. */
const address = () => String(service.log.find(({ msg }) => msg === 'metrics')?.['url']);

const scrape = async (url = address()) => (await fetch(url)).text();

/** The samples of a metric, by what is in its braces. */
async function samples(name: string, url?: string): Promise<Record<string, number>> {
  const lines = (await scrape(url)).matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm);
  return Object.fromEntries(
    [...lines].flatMap(([, of, labels = '', value]) =>
      of === name ? [[labels, Number(value)]] : [],
    ),
  );
}

async function openAlone(settings: Record<string, string>) {
  const database = await openDatabase({
    settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing,
  });
  const log = createLog({ LOG_LEVEL: 'silent' });
  const metrics = await openMetrics({
    settings: { METRICS_HOST: '127.0.0.1', METRICS_PORT: 0, ...settings },
    log,
    database,
  });
  const close = async (): Promise<void> => {
    await metrics.close();
    await database.close();
  };
  return { database, metrics, url: metrics.url ?? '', close };
}

test('requests are counted by the pattern of their route, and never by their address', async () => {
  const canary = 'canary-1f3e';
  await service.get(`/${canary}?token=${canary}`, { 'x-canary': canary });
  await service.get('/healthz');
  await fetch(`${service.url}/v1/auth/sessions/${newId()}`, { method: 'DELETE' });
  await expect
    .poll(() => samples('http_request_duration_seconds_count'))
    .toMatchObject({
      'method="GET",route="none",status="404"': 1,
      'method="GET",route="/healthz",status="200"': 1,
      'method="DELETE",route="/v1/auth/sessions/:id",status="401"': 1,
    });
  expect(await scrape()).not.toContain(canary);
  expect(await samples('http_requests_in_flight')).toEqual({ '': 0 });
});

test('sign-ins that are refused are counted, without a word about whose', async () => {
  const email = 'somebody@example.com';
  await service.post('/v1/auth/login', { email, password: 'a wrong password' });
  await expect.poll(() => samples('sign_ins_failed_total')).toEqual({ 'area="users"': 1 });
  expect(await scrape()).not.toContain('somebody');
});

test('what was not delivered is counted, with the age of the oldest', async () => {
  await service.database.connection.query<RowDataPacket[]>(
    `INSERT INTO outbox (id, kind, payload, state, created_at)
     VALUES (?, 'mail', '', 'dead', UTC_TIMESTAMP(3) - INTERVAL 1 HOUR)`,
    [newId()],
  );
  expect(await samples('outbox_letters')).toMatchObject({ 'state="dead"': 1, 'state="failed"': 0 });
  const { 'state="dead"': age } = await samples('outbox_oldest_seconds');
  expect(age).toBeGreaterThanOrEqual(3600);
});

test('connections in use and those that wait are counted, and a scrape does not wait for them', async () => {
  const { database, url, close } = await openAlone({});
  const held = await database.pool.getConnection();
  const waiting = database.pool.getConnection();
  const text = await scrape(url);
  held.release();
  (await waiting).release();
  expect(text).toMatch(/^database_connections\{state="in_use"\} 1$/m);
  expect(text).toMatch(/^database_connections_awaited [1-9]/m);
  expect(text).toMatch(/^database_up 0$/m);
  await close();
});

test('without the database the rest is there, and nothing old is told', async () => {
  const { database, url, close } = await openAlone({});
  expect(await scrape(url)).toMatch(/^outbox_letters\{[^]*^database_up 1$/m);
  await database.close();
  const text = await scrape(url);
  expect(text).toMatch(/^database_up 0$/m);
  expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds \d/m);
  expect(text).toMatch(/^build_info\{version="\d.*",node="\d.*",release=".+"\} 1$/m);
  expect(text).not.toMatch(/^outbox_letters\{/m);
  await close();
});

test('a release is called as its folder, or as RELEASE says', async () => {
  const folder = basename(join(import.meta.dirname, '../..'));
  for (const [settings, name] of [
    [{}, folder],
    [{ RELEASE: 'a1b2c3d' }, 'a1b2c3d'],
  ] as const) {
    const { url, close } = await openAlone(settings);
    expect(await scrape(url)).toContain(`,release="${name}"} 1\n`);
    await close();
  }
});

test('the last backup that was found whole is told; none, while there is none', async () => {
  const file = join(await temporaryFolder(), 'last-good-restore');
  const { url, close } = await openAlone({ RESTORE_CHECK_FILE: file });
  const name = 'restore_check_last_success_timestamp_seconds';
  expect(await samples(name, url)).toEqual({ '': 0 });
  await writeFile(file, '2026-01-02T03:04:05Z\n');
  expect(await samples(name, url)).toEqual({ '': Date.UTC(2026, 0, 2, 3, 4, 5) / 1000 });
  await close();
});

test('there is nothing else on that port, and nothing where none is set', async () => {
  const origin = new URL(address()).origin;
  expect((await fetch(`${origin}/healthz`)).status).toBe(404);
  expect((await fetch(address(), { method: 'POST' })).status).toBe(404);
  expect((await service.get('/metrics')).status).toBe(404);
  const nothing = {} as Parameters<typeof openMetrics>[0];
  const off: Metrics = await openMetrics({ ...nothing, settings: { METRICS_HOST: '127.0.0.1' } });
  expect(off.url).toBeUndefined();
});
