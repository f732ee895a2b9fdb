import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

import { root } from '../../scripts/lib/root.ts';
import { databaseService } from '../../templates/base/dev/local/database.ts';
import { use, type Service, type Use } from '../../templates/base/dev/local/service.ts';
import { plain } from './support/choices.ts';
import { expectProblem } from './support/examine.ts';
import { boot, makeProject, prepare, type Running } from './support/project.ts';

let service: Service;
let database: Use;
let running: Running;

beforeEach(async () => {
  const folder = mkdtempSync(join(inject('workshop'), 'database-'));
  shareFetchedServer(folder);
  service = databaseService(folder);
  database = await use(service, { command: 'npm test' });
  const project = await makeProject(plain);
  running = await boot(project, await prepare(project, database.url));
});

afterEach(async () => {
  await running.program.stop('SIGTERM');
  await database.leave();
});

test('when the database is killed, requests get 503 and the service recovers without a restart', async () => {
  const { api, program } = running;
  const { accessToken } = await api.newUser();
  expect((await api.me(accessToken)).status).toBe(200);
  expect((await api.get('/readyz')).status).toBe(200);

  killServer(service);

  const refused = await api.me(accessToken);
  expectProblem(refused, 503);
  expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
  const unready = await api.get('/readyz');
  expectProblem(unready, 503);
  expect(unready.json?.['detail']).toMatch(/database/i);
  expect((await api.get('/healthz')).status).toBe(200);

  await service.start(undefined);

  await expect.poll(async () => (await api.me(accessToken)).status, { timeout: 20_000 }).toBe(200);
  expect((await api.get('/readyz')).status).toBe(200);
  expect(program.running).toBe(true);
});

/** What was fetched for this repository's own server need not be fetched again. */
function shareFetchedServer(folder: string): void {
  const packages = join(root, '.cache', '.shipkit', 'local', 'packages');
  if (!existsSync(packages)) return;
  mkdirSync(join(folder, '.shipkit', 'local'), { recursive: true });
  symlinkSync(packages, join(folder, '.shipkit', 'local', 'packages'), 'dir');
}

function killServer({ folder }: Service): void {
  const record = JSON.parse(readFileSync(join(folder, 'database.json'), 'utf8')) as {
    running: { pid: number };
  };
  process.kill(record.running.pid, 'SIGKILL');
}
