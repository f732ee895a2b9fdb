import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { createDatabase, query } from '../lib/database.ts';
import { cleanEnvironment } from '../lib/environment.ts';
import { npm } from '../lib/generate.ts';
import { root } from '../lib/root.ts';
import type { Stages } from '../lib/stage.ts';
import type { Backend, Contender } from './backend.ts';
import { type Figure, atLeast, atMost, median, medianRatio, times } from './figure.ts';
import { deliveries, eventType, send } from './webhook-event.ts';

const rounds = 5;
const eventsPerRound = 1000;
const ingestions = 200;
const few = 5000;
const many = 1_000_000;
const accountId = '00000000-0000-7000-8000-000000000001';

/**
 * Events of Stripe, from the request to the commit of their effect: how many in a second, against an
 * inbox by hand that runs the same statements in the same two commits; and how long one takes where
 * a million lie in the inbox, against some thousands.
 */
export async function measureWebhooks(stages: Stages, backend: Backend): Promise<Figure[]> {
  writeHandler(backend.project);
  const empty = await databaseOf(backend, 'Migrating a database for webhooks', stages);
  return [await measureRate(stages, backend, empty), await measureGrowth(stages, backend, empty)];
}

async function measureRate(stages: Stages, backend: Backend, database: string): Promise<Figure> {
  // Each is processed while its sender waits, by both, so that the same is done when it is answered.
  const settings = { DATABASE_URL: database, WEBHOOK_INLINE: '50' };
  const ours = await backend.start('generated', 'src/main.ts', { settings });
  const peer = await backend.start('by hand', 'scripts/bench/webhook-peer.ts', {
    cwd: root,
    settings: { ...settings, ACCOUNT_ID: accountId },
  });
  await stages.run(`Webhooks: ${rounds} rounds of ${eventsPerRound} events`, async () => {
    for (let round = 0; round <= rounds; round += 1) {
      const contenders = round % 2 === 0 ? [ours, peer] : [peer, ours];
      for (const { api, rates } of contenders) {
        const rate = await load(`${api.url}/webhooks/stripe`);
        // The first round warms up and is not counted.
        if (round > 0) rates.push(rate);
      }
    }
  });
  await expectAllDone(database, 2 * (rounds + 1) * eventsPerRound);
  for (const { program } of [ours, peer]) await program.stop('SIGTERM');
  return {
    ...atLeast('webhooks to an inbox by hand', medianRatio(ours.rates, peer.rates), 0.7, times),
    detail: `${rate(ours)} to ${rate(peer)} events/s, each done when it is answered, medians of ${rounds} rounds`,
  };
}

const rate = ({ rates }: Contender): number => Math.round(median(rates));

async function measureGrowth(stages: Stages, backend: Backend, small: string): Promise<Figure> {
  const large = await databaseOf(backend, 'Migrating another one', stages);
  await stages.run(`Filling it with ${many} events`, async () => {
    await query(small, 'DELETE FROM webhook_events');
    await fill(small, few);
    await fill(large, many);
  });
  const [ours, full] = await Promise.all(
    [small, large].map((DATABASE_URL) =>
      backend.start('generated', 'src/main.ts', { settings: { DATABASE_URL } }),
    ),
  );
  if (ours === undefined || full === undefined) throw new Error('Two were to be started.');
  await stages.run(`Ingestion: ${rounds} rounds of ${ingestions} events each`, async () => {
    for (let round = 0; round <= rounds; round += 1) {
      const contenders = round % 2 === 0 ? [ours, full] : [full, ours];
      for (const { api, rates } of contenders) {
        const took = await medianOf(`${api.url}/webhooks/stripe`);
        if (round > 0) rates.push(took);
      }
    }
  });
  const [little, much] = [ours, full].map(({ rates }) => median(rates).toFixed(2));
  return {
    ...atMost(
      'a webhook, 1 million stored to 5000',
      medianRatio(full.rates, ours.rates),
      1.2,
      times,
    ),
    detail: `${much} ms to ${little} ms, medians of ${rounds} rounds of p50 of ${ingestions}`,
  };
}

/** The project has one handler more, which does what the peer does: one row. */
function writeHandler(project: string): void {
  const folder = join(project, 'src', 'domains', 'billing', 'webhooks', 'handlers');
  writeFileSync(
    join(folder, 'index.ts'),
    `import { firstTime } from '../../effects.ts';
import { defineHandler, type Handler } from '../handler.ts';

export const handlers: readonly Handler[] = [
  defineHandler({
    type: '${eventType}',
    handle: async ({ id }, { tx }) => {
      await firstTime(tx, '${accountId}', \`${eventType}:\${id}\`);
    },
  }),
];
`,
  );
}

async function databaseOf(backend: Backend, title: string, stages: Stages): Promise<string> {
  return stages.run(title, async () => {
    const database = await createDatabase(backend.settings['DATABASE_URL'] ?? '', 'bench');
    const env = cleanEnvironment({ ...backend.settings, DATABASE_URL: database });
    await npm(backend.project, ['run', 'db:migrate'], { env });
    await query(database, `INSERT INTO accounts (id, name) VALUES ('${accountId}', 'bench')`);
    return database;
  });
}

/** @returns events per second */
async function load(url: string): Promise<number> {
  const script = join(root, 'scripts', 'bench', 'webhook-load.ts');
  const { stdout } = await execa(process.execPath, [script, url, String(eventsPerRound)], {
    env: cleanEnvironment(),
    extendEnv: false,
  });
  return Number(stdout);
}

/** @throws Error where an event had no effect, or was not counted as processed: another race was run */
async function expectAllDone(database: string, sent: number): Promise<void> {
  const [done] = await query(
    database,
    `SELECT (SELECT COUNT(*) FROM webhook_events WHERE state = 'processed') AS processed,
       (SELECT COUNT(*) FROM billing_effects) AS effects`,
  );
  const [processed, effects] = [Number(done?.['processed']), Number(done?.['effects'])];
  if (processed === sent && effects === sent) return;
  throw new Error(`Of ${sent} events ${processed} were processed, with ${effects} effects.`);
}

/** Milliseconds from the first byte sent to the last one received: the middle of many, one by one. */
async function medianOf(url: string): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const took: number[] = [];
  for (const delivery of deliveries(ingestions)) {
    const started = performance.now();
    await send(url, delivery, agent);
    took.push(performance.now() - started);
  }
  agent.destroy();
  return median(took);
}

/**
 * Events that were processed, with ids that grow as Stripe's do: the table doubles until it is full.
 * Their payloads are short: on its way in, a new event meets the keys of the others alone.
 */
async function fill(database: string, count: number): Promise<void> {
  const payload = Buffer.from('{}').toString('hex');
  const columns = `provider, event_id, type, livemode, api_version, event_created, payload, state,
    attempts, received_at, processed_at`;
  const rest = `type, livemode, api_version, event_created, payload, state, attempts,
    received_at - INTERVAL FLOOR(RAND() * 100000) SECOND, processed_at`;
  await query(
    database,
    `INSERT INTO webhook_events (${columns}) VALUES ('stripe', 'evt_000000000000', '${eventType}', 0,
      '2026-10-28.endive', 0, x'${payload}', 'processed', 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  );
  for (let stored = 1; stored < count; stored *= 2) {
    const more = Math.min(stored, count - stored);
    await query(
      database,
      `INSERT INTO webhook_events (${columns})
       SELECT provider, CONCAT('evt_', LPAD(CAST(SUBSTRING(event_id, 5) AS UNSIGNED) + ${stored}, 12, '0')), ${rest}
       FROM webhook_events ORDER BY id LIMIT ${more}`,
    );
  }
  await query(database, 'ANALYZE TABLE webhook_events');
}
