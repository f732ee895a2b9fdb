import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';

import { Api, expectStatus } from '../../scripts/lib/api.ts';
import { countOf } from '../../scripts/lib/counts.ts';
import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';
import { plain } from './support/choices.ts';
import { makeProject, prepare, type Project } from './support/project.ts';

const secret = 'whsec_of_the_tests';
const { webhooks } = new Stripe('sk_test_none');
const preload = pathToFileURL(join(root, 'test/projects/support/kill-at.ts')).href;

/** A handler as an owner would write one: an effect that is seen if it is made twice. */
const handler = `import { sql } from 'drizzle-orm';
import { defineHandler } from '../handler.ts';

export const handlers = [
  defineHandler({
    type: 'product.created',
    handle: async ({ id }, { tx }) => {
      await tx.execute(sql\`INSERT INTO effects (event_id) VALUES (\${id})\`);
    },
  }),
];
`;

let project: Project;
let settings: Record<string, string>;
let database: string;
const started: Program[] = [];
/** What takes events in while others process them. */
let ingest: Program | undefined;

beforeAll(async () => {
  project = await makeProject(plain);
  const list = join(project.folder, 'src/domains/billing/webhooks/handlers/index.ts');
  writeFileSync(list, handler);
  const keys = { STRIPE_SECRET_KEY: 'sk_test_none', STRIPE_WEBHOOK_SECRETS: secret };
  settings = { ...(await prepare(project, inject('serverUrl'))), ...keys };
  database = settings['DATABASE_URL'] ?? '';
  await query(database, 'CREATE TABLE effects (event_id VARCHAR(255) NOT NULL)');
});

afterAll(async () => {
  await Promise.all(started.filter(({ running }) => running).map((one) => one.stop('SIGKILL')));
});

const storing = ['before it is stored', 'after it is stored'];
const working = [
  'after it is claimed',
  'before it is marked',
  'before the commit',
  'after the commit',
];

test.each([
  // In one process an event is claimed as it is stored.
  ['the process that took it in', [...storing, ...working.slice(1)], inOneProcess],
  ['a process apart', [...storing, ...working], apart],
] as const)(
  'W2: SIGKILL of %s, at each point: each event has its effect once, and none is lost',
  async (_where, points, killAt) => {
    const events = points.flatMap((point) =>
      Array.from({ length: countOf('CRASHES') }, () => ({ point, id: newId() })),
    );
    const service = await freePort();
    const deliveries: Promise<void>[] = [];
    for (const { point, id } of events) {
      const deliver = () => deliveries.push(deliverThrice(service, id));
      await killAt(service, point, deliver);
      // What a killed process has claimed stays its own until its lease is over.
      await query(
        database,
        "UPDATE webhook_events SET available_at = '2100-01-01' WHERE state = 'processing'",
      );
    }

    await ingest?.stop('SIGKILL');
    await query(
      database,
      "UPDATE webhook_events SET available_at = UTC_TIMESTAMP(3) WHERE state = 'processing'",
    );
    const last = start(service, { WEBHOOK_WORKERS: '2' });
    await Promise.all(deliveries);
    await untilDone(events.map(({ id }) => id));
    expect(await last.stop('SIGTERM')).toBe(0);
    expect(await effectsOf(events)).toEqual(
      events.map(({ point }) => ({ point, effects: 1, state: 'processed' })),
    );
  },
);

/** One process takes the event in and processes it while its sender waits. */
async function inOneProcess(port: number, point: string, deliver: () => void): Promise<void> {
  const service = start(port, { WEBHOOK_WORKERS: '0', KILL_AT: point });
  deliver();
  await killed(service, point);
}

/** One process takes events in, another processes them. */
async function apart(port: number, point: string, deliver: () => void): Promise<void> {
  const only = { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '0' };
  if (storing.includes(point)) {
    const dying = start(port, { ...only, KILL_AT: point });
    deliver();
    return killed(dying, point);
  }
  if (ingest?.running !== true) ingest = start(port, only);
  const answered = ingest.output.length;
  deliver();
  await ingest.until(requestAfter(answered));
  const worker = start(await freePort(), { WEBHOOK_WORKERS: '1', KILL_AT: point });
  await killed(worker, point);
}

/** The line of a request that was answered when so much had been printed before. */
function requestAfter(length: number): RegExp {
  return new RegExp(`^[\\s\\S]{${length}}[\\s\\S]*"path":"/webhooks/stripe"`);
}

function start(port: number, own: Record<string, string>): Program {
  const env = cleanEnvironment({ ...settings, PORT: String(port), ...own });
  const args = [...(own['KILL_AT'] === undefined ? [] : ['--import', preload]), 'src/main.ts'];
  const program = new Program(process.execPath, args, { cwd: project.folder, env });
  started.push(program);
  return program;
}

async function killed(program: Program, point: string): Promise<void> {
  const code = await Promise.race([program.exitCode, delay(30_000, 'still running')]);
  expect(code, `${point}: ${program.output}`).toBeNull();
}

/** Sends an event until it was taken three times, as its sender would over hours. */
async function deliverThrice(port: number, id: string): Promise<void> {
  const api = new Api(`http://127.0.0.1:${port}`);
  const payload = JSON.stringify({
    id,
    object: 'event',
    type: 'product.created',
    api_version: Stripe.API_VERSION,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    data: { object: { id: 'prod_1', object: 'product' } },
  });
  let taken = 0;
  while (taken < 3) {
    const headers = {
      'content-type': 'application/json',
      'stripe-signature': webhooks.generateTestHeaderString({ payload, secret }),
    };
    try {
      const sent = { headers, body: payload };
      const answer = await api.request('POST', '/webhooks/stripe', sent);
      if (answer.status === 503) continue;
      expectStatus(answer, 200);
      taken += 1;
    } catch (error) {
      // Nobody listens, or whoever did was killed; the next one is on its way.
      if (!(error instanceof TypeError)) throw error;
      await delay(50);
    }
  }
}

async function untilDone(ids: readonly string[]): Promise<void> {
  const waiting = `SELECT COUNT(*) AS count FROM webhook_events
    WHERE available_at IS NOT NULL AND event_id IN (${list(ids)})`;
  await expect
    .poll(async () => Number((await query(database, waiting))[0]?.['count']), { timeout: 60_000 })
    .toBe(0);
}

async function effectsOf(events: readonly { point: string; id: string }[]) {
  const rows = await query(
    database,
    `SELECT event_id, state, (SELECT COUNT(*) FROM effects e WHERE e.event_id = w.event_id) AS effects
     FROM webhook_events w WHERE event_id IN (${list(events.map(({ id }) => id))})`,
  );
  return events.map(({ point, id }) => {
    const row = rows.find(({ event_id }) => event_id === id);
    return { point, effects: Number(row?.['effects'] ?? 0), state: row?.['state'] };
  });
}

const list = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(', ');

function newId(): string {
  return `evt_${crypto.randomUUID().replaceAll('-', '')}`;
}
