import { expect, onTestFinished, test } from 'vitest';
import { newEvent } from './support/events.ts';
import { addEffect, connect, useInbox, patiently } from './support/inbox.ts';

const bench = useInbox();

test('W1: of fifty duplicates at once of five events each has one effect, and nothing waits for it', async () => {
  const gate = Promise.withResolvers<void>();
  const { send } = await bench.serve(
    async (event, context) => {
      await addEffect(event, context);
      await gate.promise;
    },
    { environment: { WEBHOOK_WORKERS: '2' } },
  );
  const events = Array.from({ length: 5 }, () => newEvent());
  const duplicates: unknown[] = [];
  const sending = Array.from({ length: 50 }).flatMap(() =>
    events.map(async (event) => {
      const answer = await send(event);
      if (answer.body.duplicate === true) duplicates.push(event.id);
      return answer;
    }),
  );

  // None of the effects is committed, and their transactions hold their rows.
  await expect.poll(() => duplicates.length, patiently).toBe(245);
  await bench.database.queries.execute('SELECT 1');
  expect(await bench.effects()).toEqual([]);
  gate.resolve();

  const answers = await Promise.all(sending);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  await expect
    .poll(async () => (await bench.effects()).toSorted(), patiently)
    .toEqual(events.map(({ id }) => id).toSorted());
  await expect
    .poll(async () => (await bench.rows()).map(({ state }) => state), patiently)
    .toEqual(events.map(() => 'processed'));
  const troubles = bench.lines.filter(({ level, eventId }) => level !== 'info' && eventId);
  expect(troubles).toEqual([]);
});

test('W1: duplicates that wait for an insert that is undone are stored once, without an error', async () => {
  const { send } = await bench.serve(addEffect, { environment: { WEBHOOK_INLINE: '8' } });
  const event = newEvent();
  const first = await connect(bench.testDatabase.url);
  onTestFinished(() => first.close());
  const undone = Promise.withResolvers<void>();
  const sending: ReturnType<typeof send>[] = [];
  const inserting = first.transaction(async (tx) => {
    await tx.execute(
      `INSERT INTO webhook_events (provider, event_id, type, livemode, event_created, payload, state, received_at)
       VALUES ('stripe', '${event.id}', 'customer.updated', 0, 0, '', 'received', UTC_TIMESTAMP(3))`,
    );
    for (let count = 0; count < 8; count += 1) sending.push(send(event));
    await expect.poll(waiting, patiently).toBe(8);
    undone.resolve();
    throw new Error('the process has ended');
  });
  await expect(inserting).rejects.toThrow('the process has ended');

  const answers = await Promise.all(sending);
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.filter(({ body }) => body.duplicate !== true)).toHaveLength(1);
  expect(await bench.effects()).toEqual([event.id]);
});

/** How many statements of this schema are under way that insert an event. */
async function waiting(): Promise<number> {
  const [rows] = await bench.testDatabase.connection.query(
    `SELECT 1 FROM information_schema.processlist
     WHERE db = DATABASE() AND info LIKE 'insert into \`webhook_events\`%'`,
  );
  return (rows as unknown[]).length;
}

test('W5: fifty duplicates over two services with one database have one effect', async () => {
  const other = await connect(bench.testDatabase.url);
  onTestFinished(() => other.close());
  const environment = { WEBHOOK_WORKERS: '2', WEBHOOK_INLINE: '1' };
  const services = [
    await bench.serve(addEffect, { environment }),
    await bench.serve(addEffect, { environment, database: other }),
  ];
  const event = newEvent();
  const sending = Array.from({ length: 25 }).flatMap(() => services.map(({ send }) => send(event)));
  const answers = await Promise.all(sending);
  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  expect(answers.filter(({ body }) => body.duplicate !== true)).toHaveLength(1);
  await expect
    .poll(async () => (await bench.rows()).map(({ state }) => state), patiently)
    .toEqual(['processed']);
  expect(await bench.effects()).toEqual([event.id]);
});

test('W12: ids that differ in case alone are two events', async () => {
  const { send } = await bench.serve();
  const ids = ['evt_1AbC', 'evt_1aBc'];
  for (const id of ids) expect((await send(newEvent({ id }))).body).toEqual({ received: true });
  expect(await bench.effects()).toEqual(ids);
});

test('what finds no free slot is answered at once, and processed by a worker', async () => {
  const gate = Promise.withResolvers<void>();
  const { send } = await bench.serve(
    async (event, context) => {
      await gate.promise;
      await addEffect(event, context);
    },
    { environment: { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '2' } },
  );
  const events = [newEvent(), newEvent(), newEvent()];
  for (const event of events) expect((await send(event)).body).toEqual({ received: true });
  expect(await bench.effects()).toEqual([]);
  gate.resolve();
  await expect
    .poll(async () => (await bench.effects()).toSorted(), patiently)
    .toEqual(events.map(({ id }) => id).toSorted());
});

test('a sender does not wait for a handler that takes long, which goes on', async () => {
  const gate = Promise.withResolvers<void>();
  const { send } = await bench.serve(
    async (event, context) => {
      await gate.promise;
      await addEffect(event, context);
    },
    { patience: 0 },
  );
  const event = newEvent();
  expect((await send(event)).body).toEqual({ received: true });
  expect(await bench.effects()).toEqual([]);
  gate.resolve();
  await expect.poll(() => bench.effects(), patiently).toEqual([event.id]);
});

test.for([
  ['while its sender waits', { WEBHOOK_INLINE: '1' }],
  ['by a worker', { WEBHOOK_INLINE: '0', WEBHOOK_WORKERS: '1' }],
] as const)(
  'what is processed %s when the service stops comes to its end',
  async ([, environment]) => {
    const begun = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const { inbox, send } = await bench.serve(
      async (event, context) => {
        begun.resolve();
        await gate.promise;
        await addEffect(event, context);
      },
      { environment, patience: 0 },
    );
    const event = newEvent();
    await send(event);
    await begun.promise;
    const closing = inbox.close();
    gate.resolve();
    await closing;
    expect(await bench.effects()).toEqual([event.id]);
    expect(await bench.rows()).toMatchObject([{ state: 'processed' }]);
  },
);
