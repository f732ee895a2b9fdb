import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { plain } from './support/choices.ts';
import { makeProject, prepare, type Project } from './support/project.ts';
import {
  countEffects,
  deliver,
  newEventId,
  outcomes,
  sendEvent,
  stripeSettings,
  untilDone,
} from './support/webhooks.ts';

const preload = pathToFileURL(join(root, 'test/projects/support/kill-at.ts')).href;
const second = 1000;

let project: Project;
let settings: Record<string, string>;
let database: string;
let started: Program[] = [];

beforeAll(async () => {
  project = await makeProject(plain);
  settings = { ...(await prepare(project, inject('serverUrl'))), ...stripeSettings };
  database = settings['DATABASE_URL'] ?? '';
  await countEffects(project, database);
});

const stopAll = async () => {
  await Promise.all(started.filter(({ running }) => running).map((one) => one.stop('SIGKILL')));
  started = [];
};
afterEach(stopAll);
afterAll(stopAll);

const storing = ['before it is stored', 'after it is stored'];
const working = [
  'after it is claimed',
  'before it is marked',
  'before the commit',
  'after the commit',
];
const points = [...storing, ...working];
const crashes = countOf('CRASHES');

/** What takes events in while others process them. */
let ingest: Program | undefined;

test.each([
  ['the process that took it in', inOneProcess],
  ['a process apart', apart],
] as const)(
  'W2: SIGKILL of %s, at each point: each event has its effect once, and none is lost',
  { timeout: (60 + crashes * points.length * 20) * second },
  async (_where, killAt) => {
    const events = points.flatMap((point) =>
      Array.from({ length: crashes }, () => ({ point, id: newEventId() })),
    );
    const ids = events.map(({ id }) => id);
    const port = await freePort();
    const deliveries: Promise<void>[] = [];
    ingest = undefined;
    for (const { point, id } of events) {
      await killAt(port, point, () => deliveries.push(deliver(urlOf(port), id)));
      // What a killed process has claimed stays its own until its lease is over.
      await setLeaseEnds("'2100-01-01'");
    }

    await stopAll();
    await setLeaseEnds('UTC_TIMESTAMP(3)');
    const last = start(port);
    await Promise.all(deliveries);
    await untilDone(database, ids);
    expect(await last.stop('SIGTERM')).toBe(0);
    const all = await outcomes(database, ids);
    expect(events.map(({ point }, index) => ({ point, ...all[index] }))).toEqual(
      events.map(({ point }) => ({ point, effects: 1, state: 'processed' })),
    );
  },
);

/** One process takes the event in, and processes it: while its sender waits, or by its worker. */
async function inOneProcess(port: number, point: string, send: () => void): Promise<void> {
  // While the sender waits an event is claimed as it is stored; only a worker claims it later.
  const how = point === 'after it is claimed' ? { WEBHOOK_INLINE: '0' } : { WEBHOOK_WORKERS: '0' };
  const service = start(port, { ...how, KILL_AT: point });
  send();
  await killed(service, point);
}

/** One process takes events in, another processes them. */
async function apart(port: number, point: string, send: () => void): Promise<void> {
  const only = { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '0' };
  if (storing.includes(point)) {
    const dying = start(port, { ...only, KILL_AT: point });
    send();
    return killed(dying, point);
  }
  if (ingest?.running !== true) ingest = start(port, only);
  const before = ingest.output.length;
  send();
  await ingest.until(requestAfter(before));
  const worker = start(await freePort(), { KILL_AT: point });
  await killed(worker, point);
}

test('W5: fifty duplicates at once over two processes have one effect', async () => {
  const ports = [await freePort(), await freePort()];
  const services = ports.map((port) => start(port));
  await Promise.all(services.map((service) => service.until(/"listening"/)));
  const ids = [newEventId(), newEventId(), newEventId()];
  const copies = ids.flatMap((id) => Array.from({ length: 50 }, () => id));
  const answers = await Promise.all(
    copies.map((id, index) => sendEvent(urlOf(ports[index % 2] ?? 0), id)),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await untilDone(database, ids);
  expect(await outcomes(database, ids)).toEqual(
    ids.map(() => ({ effects: 1, state: 'processed' })),
  );
});

test('W7: an event that kills each process that works on it is given up, and no other with it', async () => {
  const port = await freePort();
  const only = { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '0' };
  const taking = start(port, only);
  await taking.until(/"listening"/);
  const [deadly, other] = [newEventId(), newEventId()];
  expect((await sendEvent(urlOf(port), deadly, 'product.deleted')).status).toBe(200);
  // Its last attempts are made here; six were made before.
  await query(database, `UPDATE webhook_events SET attempts = 6 WHERE event_id = '${deadly}'`);
  for (let attempt = 7; attempt <= 8; attempt += 1) {
    const service = start(await freePort());
    expect(await service.exitCode).toBeNull();
    await setLeaseEnds('UTC_TIMESTAMP(3) - INTERVAL 1 HOUR');
  }
  expect((await sendEvent(urlOf(port), other)).status).toBe(200);
  const last = start(await freePort());
  await untilDone(database, [deadly, other]);
  expect(await outcomes(database, [deadly, other])).toEqual([
    { effects: 0, state: 'dead' },
    { effects: 1, state: 'processed' },
  ]);
  expect(last.output).toMatch(/"level":"error".*an event was given up/);
  expect(last.running).toBe(true);
});

test('W11: a process that is frozen in the middle of its work holds nobody up, and adds nothing later', async () => {
  const port = await freePort();
  const taking = start(port, { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '0' });
  await taking.until(/"listening"/);
  const id = newEventId();
  expect((await sendEvent(urlOf(port), id)).status).toBe(200);

  const frozen = start(await freePort(), { KILL_AT: 'before the commit', KILL_BY: 'SIGSTOP' });
  await frozen.until(/"frozen"/);
  await setLeaseEnds('UTC_TIMESTAMP(3)');
  // The server lets go of the row when it has heard nothing of its connection for 20 seconds.
  start(await freePort());
  await untilDone(database, [id]);
  frozen.signal('SIGCONT');
  // It finds its connections closed; which of its statements does first is left to the server.
  await frozen.until(/an event was taken over|an attempt failed|"loop":"webhooks"/);
  expect(await outcomes(database, [id])).toEqual([{ effects: 1, state: 'processed' }]);
});

function start(port: number, own: Record<string, string> = {}): Program {
  const env = cleanEnvironment({ ...settings, PORT: String(port), ...own });
  const args = [...(own['KILL_AT'] === undefined ? [] : ['--import', preload]), 'src/main.ts'];
  const program = new Program(process.execPath, args, { cwd: project.folder, env });
  started.push(program);
  return program;
}

async function killed(program: Program, point: string): Promise<void> {
  const code = await Promise.race([program.exitCode, delay(60 * second, 'still running')]);
  expect(code, `${point}: ${program.output}`).toBeNull();
}

/** The line of a request that was answered when so much had been printed before. */
function requestAfter(length: number): RegExp {
  return new RegExp(`^[\\s\\S]{${length}}[\\s\\S]*"path":"/webhooks/stripe"`);
}

async function setLeaseEnds(moment: string): Promise<void> {
  await query(
    database,
    `UPDATE webhook_events SET available_at = ${moment} WHERE state = 'processing'`,
  );
}

const urlOf = (port: number) => `http://127.0.0.1:${port}`;
