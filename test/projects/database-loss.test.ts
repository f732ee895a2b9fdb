import { mkdtempSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { beforeEach, expect, inject, test, vi } from 'vitest';

import { query } from '../../scripts/lib/database.ts';
import { database as kind } from '../../templates/base/dev/local/database/kind.ts';
import { privateServer } from '../../templates/base/dev/local/server.ts';
import { use, type Service, type Use } from '../../templates/base/dev/local/service.ts';
import { plain } from './support/choices.ts';
import { expectProblem } from './support/examine.ts';
import { programOf } from './support/given-server.ts';
import { shareFetched, signalServer } from './support/private-server.ts';
import { boot, makeProject, prepare, type Project, type Running } from './support/project.ts';
import {
  countEffects,
  deliver,
  newEventId,
  outcomes,
  sendEvent,
  stripeSettings,
  untilDone,
} from './support/webhooks.ts';

let service: Service;
let database: Use;
let project: Project;
let running: Running;
let settings: Record<string, string>;

// A server of one's own is killed: the given one is others' as well. It is of the given one's program
// where that is MySQL, and else MariaDB.
beforeEach(async ({ skip }) => {
  const folder = mkdtempSync(join(inject('workshop'), 'database-'));
  const program = await programOf(inject('serverUrl'), join(folder, 'program'));
  if (program === undefined) shareFetched(folder);
  else if ('missing' in program) {
    // Most reporters count what was skipped, and do not say why.
    process.stderr.write(`${program.missing}\n`);
    skip(program.missing);
  } else vi.stubEnv('PATH', `${program.folder}${delimiter}${process.env['PATH']}`);

  service = privateServer(kind, folder);
  database = await use(service, { command: 'npm test' });
  if (program !== undefined) {
    const version = 'SELECT @@version AS version';
    expect(await query(database.url, version)).toEqual(await query(inject('serverUrl'), version));
  }
  project = await makeProject(plain);
  settings = { ...(await prepare(project, database.url)), ...stripeSettings };
  await countEffects(project, settings['DATABASE_URL'] ?? '');
  running = await boot(project, settings);
  return async () => {
    await running.program.stop('SIGTERM');
    await database.leave();
    vi.unstubAllEnvs();
  };
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

test('W3: when the database is killed under load, events are refused with 503, and none is lost or doubled', async () => {
  const { api } = running;
  const ids = Array.from({ length: 60 }, newEventId);
  const deliveries: Promise<void>[] = [];
  for (let kill = 0; kill < 3; kill += 1) {
    for (const id of ids.slice(kill * 20, kill * 20 + 20)) deliveries.push(deliver(api.url, id));
    signalServer(service, 'SIGKILL');
    expect((await sendEvent(api.url, newEventId())).status).toBe(503);
    await service.start(undefined);
  }
  await Promise.all(deliveries);
  const url = settings['DATABASE_URL'] ?? '';
  // What was being processed is taken up again when its lease is over.
  await query(
    url,
    'UPDATE webhook_events SET available_at = UTC_TIMESTAMP(3) WHERE available_at > 0',
  );
  await untilDone(url, ids);
  expect(await outcomes(url, ids)).toEqual(ids.map(() => ({ effects: 1, state: 'processed' })));
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
