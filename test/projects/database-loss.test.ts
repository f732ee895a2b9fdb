import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
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

  signalServer(service, 'SIGKILL');

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

test('when the database hangs, nobody waits for ever, and the service recovers without a restart', async () => {
  const { api } = running;
  const { accessToken } = await api.newUser();
  expect((await api.get('/readyz')).status).toBe(200);

  signalServer(service, 'SIGSTOP');
  try {
    const [refused, unready] = await Promise.all([api.me(accessToken), api.get('/readyz')]);
    expectProblem(refused, 503);
    expectProblem(unready, 503);
    expect((await api.get('/healthz')).status).toBe(200);
  } finally {
    signalServer(service, 'SIGCONT');
  }

  await expect.poll(async () => (await api.me(accessToken)).status, { timeout: 20_000 }).toBe(200);
  expect((await api.get('/readyz')).status).toBe(200);
});

test('a client that never ends its headers or its body is sent away with a problem', async () => {
  const { hostname, port } = new URL(running.api.url);
  const unfinished = [
    'GET /healthz HTTP/1.1\r\nHost: x\r\nX-Slow: ',
    'POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n{',
  ];
  const answers = await Promise.all(
    unfinished.map((bytes) => {
      const socket = connect(Number(port), hostname);
      socket.write(bytes);
      return text(socket);
    }),
  );
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toMatch(/content-type: application\/problem\+json/i);
  }
});

/** What was fetched for this repository's own server need not be fetched again. */
function shareFetchedServer(folder: string): void {
  const packages = join(root, '.cache', '.shipkit', 'local', 'packages');
  if (!existsSync(packages)) return;
  mkdirSync(join(folder, '.shipkit', 'local'), { recursive: true });
  symlinkSync(packages, join(folder, '.shipkit', 'local', 'packages'), 'dir');
}

function signalServer({ folder }: Service, signal: NodeJS.Signals): void {
  const record = JSON.parse(readFileSync(join(folder, 'database.json'), 'utf8')) as {
    running: { pid: number };
  };
  process.kill(record.running.pid, signal);
}
