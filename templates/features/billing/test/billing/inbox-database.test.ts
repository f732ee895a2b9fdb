import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Database } from '#app/database/database.ts';
import { processNext } from '#app/domains/billing/webhooks/process.ts';
import { openProxy, type Proxy } from '../support/proxy.ts';
import { newEvent } from './support/events.ts';
import { addEffect, connect, effect, useInbox, patiently } from './support/inbox.ts';

const bench = useInbox();
const running = new AbortController().signal;
/** Milliseconds, well above what any statement here takes. */
const silence = 500;
let proxy: Proxy;
let database: Database;

beforeAll(async () => {
  proxy = await openProxy(new URL(bench.testDatabase.url));
  database = await connect(proxy.url, silence);
});
afterAll(async () => {
  await database.close();
  await proxy.close();
});

test.for(['cut', 'freeze'] as const)(
  'W3: while the database is away (%s) the sender is told to come again, and nothing is lost',
  async (way) => {
    const { send } = await bench.serve(addEffect, { database });
    const [before, during] = [newEvent(), newEvent()];
    expect((await send(before)).status).toBe(200);

    await proxy[way]();
    const refused = await send(during);
    expect({ status: refused.status, code: refused.body.code }).toEqual({
      status: 503,
      code: 'temporarily_unavailable',
    });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    if (way === 'cut') await proxy.restore();

    await expect.poll(async () => (await send(during)).status, patiently).toBe(200);
    expect(await bench.effects()).toEqual([before.id, during.id]);
  },
);

test('W3: an event that is stored is ours, though the database goes away while it is processed', async () => {
  const event = newEvent();
  const { send } = await bench.serve(
    async ({ id }, { tx }) => {
      await effect(tx, id);
      await proxy.cut();
      await tx.execute(sql`SELECT 1`);
    },
    { database },
  );
  expect((await send(event)).body).toEqual({ received: true });
  await proxy.restore();
  expect(await bench.rows()).toMatchObject([{ state: 'processing', attempts: 1 }]);
  expect(await bench.effects()).toEqual([]);

  expect((await send(event)).body).toEqual({ received: true, duplicate: true });
  await bench.makeDue();
  await expect.poll(() => processNext(bench.deps(), running), patiently).toBe(true);
  expect(await bench.effects()).toEqual([event.id]);
});
