// Events as Stripe sends them to a project whose handler makes an effect that can be counted.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Stripe } from 'stripe';
import { expect } from 'vitest';

import { Api, expectStatus } from '../../../scripts/lib/api.ts';
import { query } from '../../../scripts/lib/database.ts';
import type { Project } from './project.ts';

const secret = 'whsec_of_the_tests';
const { webhooks } = new Stripe('sk_test_none');

/** Settings with which a service takes these events. */
export const stripeSettings = {
  STRIPE_SECRET_KEY: 'sk_test_none',
  STRIPE_WEBHOOK_SECRETS: secret,
};

/**
 * Handlers as an owner would write them: the effect of one is seen if it is made twice, the other
 * ends the process.
 */
const handlers = `import { sql } from 'drizzle-orm';
import { defineHandler } from '../handler.ts';

export const handlers = [
  defineHandler({
    type: 'product.created',
    handle: async ({ id }, { tx }) => {
      await tx.execute(sql\`INSERT INTO effects (event_id) VALUES (\${id})\`);
    },
  }),
  defineHandler({
    type: 'product.deleted',
    handle: async () => {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => undefined);
    },
  }),
];
`;

export type EventType = 'product.created' | 'product.deleted';

/** Gives a project these handlers, and its database the table of their effects. */
export async function countEffects(project: Project, database: string): Promise<void> {
  const list = join(project.folder, 'src/domains/billing/webhooks/handlers/index.ts');
  writeFileSync(list, handlers);
  await query(database, 'CREATE TABLE effects (event_id VARCHAR(255) NOT NULL) ENGINE=InnoDB');
}

export function newEventId(): string {
  return `evt_${crypto.randomUUID().replaceAll('-', '')}`;
}

/** Sends an event once. Takes every status; throws where nobody answers. */
export async function sendEvent(url: string, id: string, type: EventType = 'product.created') {
  const payload = JSON.stringify({
    id,
    object: 'event',
    type,
    api_version: Stripe.API_VERSION,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    data: { object: { id: 'prod_1', object: 'product' } },
  });
  const headers = {
    'content-type': 'application/json',
    'stripe-signature': webhooks.generateTestHeaderString({ payload, secret }),
  };
  return new Api(url).request('POST', '/webhooks/stripe', { headers, body: payload });
}

/** Sends an event until it was taken so many times, as its sender would over hours. */
export async function deliver(url: string, id: string, times = 3): Promise<void> {
  let taken = 0;
  while (taken < times) {
    try {
      const answer = await sendEvent(url, id);
      if (answer.status !== 503) {
        expectStatus(answer, 200);
        taken += 1;
        continue;
      }
    } catch (error) {
      // Nobody listens, or whoever did was killed; the next one is on its way.
      if (!(error instanceof TypeError)) throw error;
    }
    await delay(50);
  }
}

/** What became of events, in their order. */
export async function outcomes(database: string, ids: readonly string[]) {
  const rows = await query(
    database,
    `SELECT event_id, state, attempts,
       (SELECT COUNT(*) FROM effects e WHERE e.event_id = w.event_id) AS effects
     FROM webhook_events w WHERE event_id IN (${listOf(ids)})`,
  );
  return ids.map((id) => {
    const row = rows.find(({ event_id: found }) => found === id);
    return { effects: Number(row?.['effects'] ?? 0), state: row?.['state'] };
  });
}

/** Waits until nothing is to be done about these events any more. */
export async function untilDone(database: string, ids: readonly string[]): Promise<void> {
  const waiting = `SELECT COUNT(*) AS count FROM webhook_events
    WHERE available_at IS NOT NULL AND event_id IN (${listOf(ids)})`;
  await expect
    .poll(async () => Number((await query(database, waiting))[0]?.['count']), { timeout: 60_000 })
    .toBe(0);
}

const listOf = (ids: readonly string[]) => ids.map((id) => `'${id}'`).join(', ');
