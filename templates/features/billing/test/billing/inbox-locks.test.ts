// W4: two handlers that stand in each other's way, on the real database and with its own errors.
import { sql } from 'drizzle-orm';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import type { Transaction } from '#app/database/transaction.ts';
import { newEvent } from './support/events.ts';
import { effect, patiently, useInbox, type Endpoint } from './support/inbox.ts';

const bench = useInbox();

beforeAll(() => bench.testDatabase.connection.query('CREATE TABLE things (id INT PRIMARY KEY)'));
beforeEach(() => bench.testDatabase.connection.query('REPLACE INTO things VALUES (1), (2)'));

const lock = (tx: Transaction, id: number) =>
  tx.execute(sql`SELECT id FROM things WHERE id = ${id} FOR UPDATE`);

async function expectOneEffectEach(
  { send }: Endpoint,
  events: readonly ReturnType<typeof newEvent>[],
): Promise<void> {
  const answers = await Promise.all(events.map((event) => send(event)));
  expect(answers.map(({ body }) => body)).toEqual(events.map(() => ({ received: true })));
  const all = events.map(({ id }) => id);
  await expect
    .poll(async () => (await bench.effects()).toSorted(), patiently)
    .toEqual(all.toSorted());
  const done = { state: 'processed', attempts: 1 };
  expect(await bench.rows()).toMatchObject(events.map(() => done));
}

test('W4: of two handlers in a deadlock one is run again, and each has one effect', async () => {
  const [first, second] = [newEvent(), newEvent()];
  const bothHaveOne = Promise.withResolvers<void>();
  let holding = 0;
  const runs: string[] = [];
  const endpoint = await bench.serve(async ({ id }, { tx }) => {
    runs.push(id);
    const order = id === first.id ? [1, 2] : [2, 1];
    await effect(tx, id);
    await lock(tx, order[0] ?? 0);
    holding += 1;
    if (holding === 2) bothHaveOne.resolve();
    await bothHaveOne.promise;
    await lock(tx, order[1] ?? 0);
  });
  await expectOneEffectEach(endpoint, [first, second]);
  expect(runs).toHaveLength(3);
});

test('W4: a handler that waits too long for another’s lock is run again, and each has one effect', async () => {
  const [first, second] = [newEvent(), newEvent()];
  const [locked, timedOut] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const runs: string[] = [];
  const endpoint = await bench.serve(async ({ id }, { tx }) => {
    runs.push(id);
    if (id === first.id) {
      await lock(tx, 1);
      await effect(tx, id);
      locked.resolve();
      return timedOut.promise;
    }
    await locked.promise;
    await effect(tx, id);
    if (runs.length > 2) timedOut.resolve();
    // Seconds, of this connection; the least that there is.
    await tx.execute(sql`SET SESSION innodb_lock_wait_timeout = 1`);
    await lock(tx, 1);
  });
  await expectOneEffectEach(endpoint, [first, second]);
  expect(runs.filter((id) => id === second.id)).toHaveLength(2);
});
