import { beforeEach, expect, test } from 'vitest';
import { countEvents, longestWait } from '#app/domains/billing/webhooks/event-counts.ts';
import {
  eventStates,
  pageOfEvents,
  replayDead,
} from '#app/domains/billing/webhooks/stored-events.ts';
import { useInbox } from './support/inbox.ts';

const bench = useInbox();
let first: number;

/** Events that came a minute apart, the last of them just now. */
async function write(
  ...events: readonly (readonly [state: string, type: string])[]
): Promise<void> {
  for (const [index, [state, type]] of events.entries()) {
    await bench.testDatabase.connection.query(
      `INSERT INTO webhook_events
         (provider, event_id, type, livemode, event_created, payload, state, received_at)
       VALUES ('stripe', UUID(), ?, 0, 0, '{}', ?, UTC_TIMESTAMP(3) - INTERVAL ? MINUTE)`,
      [type, state, events.length - 1 - index],
    );
  }
  first = (await bench.rows())[0]?.['id'];
}

const page = async (query: Omit<Parameters<typeof pageOfEvents>[1], 'limit'>) => {
  const { events, next } = await pageOfEvents(bench.database, { ...query, limit: 2 });
  return {
    places: events.map(({ id }) => id - first),
    next: next === undefined ? next : next - first,
  };
};

beforeEach(() =>
  write(
    ['dead', 'invoice.paid'],
    ['processed', 'invoice.paid'],
    ['dead', 'invoice.voided'],
    ['failed', 'invoice.paid'],
    ['dead', 'invoice.paid'],
  ),
);

test('a page of events ends where the next begins, in either order', async () => {
  expect(await page({})).toEqual({ places: [4, 3], next: 3 });
  expect(await page({ after: first + 3 })).toEqual({ places: [2, 1], next: 1 });
  expect(await page({ after: first + 1 })).toEqual({ places: [0], next: undefined });
  expect(await page({ oldestFirst: true })).toEqual({ places: [0, 1], next: 1 });
  expect(await page({ oldestFirst: true, after: first + 2 })).toEqual({
    places: [3, 4],
    next: undefined,
  });
  expect(await page({ state: 'dead' })).toEqual({ places: [4, 2], next: 2 });
  expect(await page({ state: 'dead', type: 'invoice.paid' })).toEqual({
    places: [4, 0],
    next: undefined,
  });
});

test('events are counted by their state, and it is known how long the oldest has waited', async () => {
  expect(await countEvents(bench.database)).toEqual({
    ...Object.fromEntries(eventStates.map((state) => [state, 0])),
    dead: 3,
    processed: 1,
    failed: 1,
  });
  expect(await longestWait(bench.database)).toBeGreaterThanOrEqual(60);
  await bench.testDatabase.connection.query(`DELETE FROM webhook_events WHERE state = 'failed'`);
  expect(await longestWait(bench.database)).toBeUndefined();
});

test('of those that were given up, the oldest are replayed, as many as are asked for', async () => {
  const states = async () => (await bench.rows()).map(({ state }) => state);
  expect(await replayDead(bench.database, { actor: 'operator:ann', limit: 2 })).toBe(2);
  expect(await states()).toEqual(['received', 'processed', 'received', 'failed', 'dead']);
  expect(await replayDead(bench.database, { actor: 'operator:ann', limit: 2 })).toBe(1);
  expect(await replayDead(bench.database, { actor: 'operator:ann', limit: 2 })).toBe(0);
});
