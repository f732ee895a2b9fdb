import { sql } from 'drizzle-orm';
import { Stripe } from 'stripe';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Transaction } from '#app/database/transaction.ts';
import { whileLocked } from '#app/domains/billing/stripe.ts';
import { claimNext, markFailed, maxAttempts } from '#app/domains/billing/webhooks/claims.ts';
import { processClaim, processNext } from '#app/domains/billing/webhooks/process.ts';
import { prune } from '#app/domains/billing/webhooks/prune.ts';
import { discardEvent, replayEvent } from '#app/domains/billing/webhooks/stored-events.ts';
import { newEvent, signed } from './support/events.ts';
import { addEffect, effect, useInbox, type Handle, patiently } from './support/inbox.ts';

const bench = useInbox();
const running = new AbortController().signal;

/** Stores events that nobody processes yet. */
async function store(...events: ReturnType<typeof newEvent>[]): Promise<void> {
  const { inbox } = await bench.serve(addEffect, { environment: { WEBHOOK_INLINE: '0' } });
  for (const event of events) {
    const { payload, signature } = signed(event);
    await inbox.receive(payload, signature);
  }
}

const work = (handle: Handle = addEffect) => processNext(bench.deps(handle), running);

async function workUntilDone(handle: Handle): Promise<void> {
  let found = true;
  while (found) {
    await bench.makeDue();
    found = await work(handle);
  }
}

const poison: Handle = () => Promise.reject(new TypeError('about jane@example.com'));

const alarms = () => bench.lines.filter(({ level }) => level === 'error');

test.for([
  // The server has dropped the transaction, and what comes next would be committed by itself.
  [1213, (tx: Transaction) => tx.execute(sql`ROLLBACK`)],
  // Only the statement was undone: what was done before it is still there.
  [1205, async () => undefined],
] as const)(
  'W4: after error %i all of the handler is run again, and has one effect',
  async ([errno, lose]) => {
    let runs = 0;
    const { send } = await bench.serve(async (event, { tx }) => {
      runs += 1;
      await effect(tx, event.id);
      if (runs > 1) return;
      await lose(tx);
      throw Object.assign(new Error('injected'), { errno });
    });
    const event = newEvent();
    expect((await send(event)).body).toEqual({ received: true });
    expect(runs).toBe(2);
    expect(await bench.effects()).toEqual([event.id]);
    expect(await bench.rows()).toMatchObject([{ state: 'processed', attempts: 1 }]);
  },
);

test('an effect whose handler fails is undone; its sender is told nothing of it', async () => {
  const { send } = await bench.serve(async (event, { tx }) => {
    await effect(tx, event.id);
    throw new TypeError('no');
  });
  expect((await send(newEvent())).body).toEqual({ received: true });
  expect(await bench.effects()).toEqual([]);
  expect(await bench.rows()).toMatchObject([{ state: 'failed', attempts: 1, lease_token: null }]);
  expect(alarms()).toEqual([]);
});

test('a handler whose requests take too long together is tried again later', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const timeouts: number[] = [];
  /** Each request takes as long as it may. */
  const slow: Handle = async (event, { tx }) => {
    await effect(tx, event.id);
    for (let request = 0; request < 6; request += 1) {
      const { timeout } = whileLocked();
      timeouts.push(timeout);
      vi.advanceTimersByTime(timeout);
    }
  };
  await store(newEvent());
  await bench.makeDue();
  await work(slow);
  expect(timeouts).toEqual([2500, 2500, 1000]);
  expect(await bench.effects()).toEqual([]);
  expect(await bench.rows()).toMatchObject([
    { state: 'failed', last_error: 'Stripe was too slow' },
  ]);
  expect(whileLocked().timeout).toBe(2500);
});

test('W7: a poison that throws comes again, later each time, and is given up with an alarm', async () => {
  await store(newEvent());
  for (let attempt = 1; attempt < maxAttempts; attempt += 1) {
    await bench.makeDue();
    expect(await work(poison)).toBe(true);
    const [row] = await bench.rows();
    expect(row).toMatchObject({ state: 'failed', attempts: attempt, last_error: 'TypeError' });
    const pause = Math.min(3600, 10 * 4 ** (attempt - 1));
    expect(row?.['due']).toBeGreaterThan(pause * 0.8 - 5);
    expect(row?.['due']).toBeLessThanOrEqual(pause * 1.2 + 1);
    expect(await work(poison)).toBe(false);
  }
  expect(alarms()).toEqual([]);
  await bench.makeDue();
  await work(poison);
  expect(await bench.rows()).toMatchObject([{ state: 'dead', attempts: 8, available_at: null }]);
  expect(alarms()).toMatchObject([{ msg: 'an event was given up', reason: 'TypeError' }]);
  expect(JSON.stringify(bench.lines)).not.toContain('jane');
});

test('W7: what was given up is replayed once, however often it is asked, and then processed', async () => {
  const event = newEvent();
  await store(event);
  await workUntilDone(poison);

  const replays = Array.from({ length: 5 }, () =>
    replayEvent(bench.database, event.id, 'operator:ann'),
  );
  expect((await Promise.all(replays)).toSorted()).toEqual(
    ['done', ...Array.from({ length: 4 }, () => 'received')].toSorted(),
  );
  await workUntilDone(addEffect);
  expect(await bench.effects()).toEqual([event.id]);
  expect(await bench.rows()).toMatchObject([{ state: 'processed', attempts: 1, last_error: null }]);
});

test('W7: a poison that kills is given up, and costs its neighbours no attempt', async () => {
  const [before, deadly, after] = [newEvent(), newEvent(), newEvent()];
  await store(before, deadly, after);
  await bench.testDatabase.connection.query(
    'UPDATE webhook_events SET available_at = UTC_TIMESTAMP(3) - INTERVAL IF(event_id = ?, 60, 1) SECOND',
    [deadly.id],
  );
  // The process ends each time that it has taken it: nothing is heard of the attempt again.
  for (let attempt = 1; attempt <= maxAttempts; attempt += 1) {
    expect(await claimNext(bench.database)).toMatchObject({ eventId: deadly.id, attempt });
    await bench.testDatabase.connection.query(
      'UPDATE webhook_events SET available_at = UTC_TIMESTAMP(3) - INTERVAL 60 SECOND WHERE event_id = ?',
      [deadly.id],
    );
  }
  while (await work()) expect(alarms()).toMatchObject([{ eventId: deadly.id }]);
  expect(await bench.effects()).toEqual([before.id, after.id]);
  expect(await bench.rows()).toMatchObject([
    { state: 'processed', attempts: 1 },
    { state: 'dead', attempts: 8, available_at: null },
    { state: 'processed', attempts: 1 },
  ]);
});

test('an event that another worker is taking is passed over', async () => {
  const [first, second] = [newEvent(), newEvent()];
  await store(first, second);
  await bench.database.transaction(async (tx) => {
    await tx.execute(sql`SELECT id FROM webhook_events ORDER BY id LIMIT 1 FOR UPDATE`);
    expect(await claimNext(bench.database)).toMatchObject({ eventId: second.id });
    expect(await claimNext(bench.database)).toBeUndefined();
  });
  expect(await claimNext(bench.database)).toMatchObject({ eventId: first.id });
});

test('W11: who comes back after the lease finds that another has it, and changes nothing', async () => {
  const event = newEvent();
  await store(event);
  const frozen = await claimNext(bench.database);
  await bench.makeDue();
  const taken = await claimNext(bench.database);
  if (frozen === undefined || taken === undefined) throw new Error('Nothing was claimed');

  let runs = 0;
  const late = bench.deps(async () => void (runs += 1));
  await processClaim(late, frozen, running);
  expect(runs).toBe(0);
  const failure = { reason: 'late', retryIn: undefined };
  expect(await markFailed(bench.database, frozen, failure)).toBe(false);
  expect(await bench.effects()).toEqual([]);
  expect(await bench.rows()).toMatchObject([
    { state: 'processing', attempts: 2, lease_token: taken.leaseToken, last_error: null },
  ]);

  await processClaim(bench.deps(), taken, running);
  await processClaim(bench.deps(), frozen, running);
  expect(await bench.effects()).toEqual([event.id]);
  expect(await bench.rows()).toMatchObject([{ state: 'processed', attempts: 2 }]);
});

test('W11: who is frozen in the middle of the handler has no effect beside the other', async () => {
  const event = newEvent();
  await store(event);
  const inside = Promise.withResolvers<number>();
  const thawed = Promise.withResolvers<void>();
  const freezing = work(async ({ id }, { tx }) => {
    await effect(tx, id);
    const [[row]] = (await tx.execute(sql`SELECT CONNECTION_ID() AS id`)) as unknown as [
      [{ id: number }],
    ];
    inside.resolve(row.id);
    await thawed.promise;
    await effect(tx, id);
  });
  // The server frees the row when it has heard nothing for a while.
  const threadId = await inside.promise;
  await bench.testDatabase.connection.query(`KILL ${threadId}`);
  await bench.makeDue();
  await expect.poll(() => work(), patiently).toBe(true);
  thawed.resolve();
  await freezing;
  expect(await bench.effects()).toEqual([event.id]);
  expect(await bench.rows()).toMatchObject([{ state: 'processed', attempts: 2 }]);
});

test('an attempt that hangs is over when the service has to stop, and what it still does is not done', async () => {
  const event = newEvent();
  await store(event);
  const stopping = new AbortController();
  const late = Promise.withResolvers<unknown>();
  await processNext(
    bench.deps(async ({ id }, { tx }) => {
      await effect(tx, id);
      stopping.abort();
      const [error] = await Promise.allSettled([effect(tx, id)]);
      late.resolve(error);
      await new Promise(() => undefined);
    }),
    stopping.signal,
  );
  expect(await late.promise).toMatchObject({ status: 'rejected' });
  expect(await bench.rows()).toMatchObject([
    { state: 'failed', attempts: 1, last_error: 'The service stopped' },
  ]);
  expect(await bench.effects()).toEqual([]);
});

test('an error of Stripe is kept by its type, code and request, without its message', async () => {
  const error = new Stripe.errors.StripeInvalidRequestError({
    message: 'No such customer: jane@example.com',
    type: 'invalid_request_error',
    code: 'resource_missing',
    statusCode: 404,
    requestId: 'req_1',
  });
  const { send } = await bench.serve(() => Promise.reject(error));
  await send(newEvent());
  expect(await bench.rows()).toMatchObject([
    { last_error: 'StripeInvalidRequestError resource_missing 404 req_1' },
  ]);
  expect(JSON.stringify(bench.lines)).not.toContain('jane');
});

test('an error of the database is kept by its code, without what was bound', async () => {
  const { send } = await bench.serve(async (_event, { tx }) => {
    await tx.execute(sql`INSERT INTO nowhere VALUES (${'jane@example.com'})`);
  });
  await send(newEvent());
  const [row] = await bench.rows();
  expect(row?.['last_error']).toContain('ER_NO_SUCH_TABLE');
  expect(JSON.stringify([row?.['last_error'], bench.lines])).not.toContain('jane');
});

test('an event whose handler only a newer version has waits for one', async () => {
  await store(newEvent());
  await processNext({ ...bench.deps(), handlers: [] }, running);
  expect(await bench.rows()).toMatchObject([{ state: 'failed', attempts: 1 }]);
  await workUntilDone(addEffect);
  expect(await bench.effects()).toHaveLength(1);
});

test('an event that no version handles ends as ignored when it is replayed, and nobody is woken', async () => {
  await store(newEvent());
  let found = true;
  while (found) {
    await bench.makeDue();
    found = await processNext({ ...bench.deps(), handlers: [] }, running);
  }
  expect(await bench.rows()).toMatchObject([
    { state: 'ignored', attempts: maxAttempts, last_error: 'This version handles no such type' },
  ]);
  expect(alarms()).toEqual([]);
});

test('an event of the other mode has no effect when it is replayed, either', async () => {
  const event = newEvent({ livemode: true });
  await store(event);
  expect(await replayEvent(bench.database, event.id, 'operator:ann')).toBe('done');
  await work();
  expect(await bench.rows()).toMatchObject([{ state: 'ignored', available_at: null }]);
  expect(await bench.effects()).toEqual([]);
});

test('what is being processed can be neither replayed nor discarded, until it is lost', async () => {
  const event = newEvent();
  await store(event);
  await claimNext(bench.database);
  expect(await replayEvent(bench.database, event.id, 'operator:ann')).toBe('processing');
  expect(await discardEvent(bench.database, event.id, 'operator:ann')).toBe('processing');
  await bench.makeDue();
  expect(await replayEvent(bench.database, event.id, 'operator:ann')).toBe('done');
  expect(await bench.rows()).toMatchObject([{ state: 'received', attempts: 0, lease_token: null }]);
});

test('what was done or ignored goes after 35 days, and what was given up stays', async () => {
  const ages: [string, number][] = [
    ['processed', 36],
    ['ignored', 36],
    ['processed', 34],
    ['dead', 400],
    ['received', 36],
  ];
  await store(...ages.map(() => newEvent()));
  for (const [index, row] of (await bench.rows()).entries()) {
    await bench.testDatabase.connection.query(
      'UPDATE webhook_events SET state = ?, received_at = UTC_TIMESTAMP(3) - INTERVAL ? DAY WHERE id = ?',
      [...(ages[index] ?? []), row['id']],
    );
  }
  await prune(bench.database);
  expect((await bench.rows()).map(({ state }) => state)).toEqual(['processed', 'dead', 'received']);
});
