// Why handlers lock and then read anew from Stripe: what becomes of a subscription that changes four
// times in one second, by each way of dealing with events that come in any order.
import { createPool, type Pool, type PoolConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { lockWaits, patiently } from './support/lock-waits.ts';
import { emptyDatabase } from './support/project.ts';

interface Event {
  readonly status: string;
  /** Unix seconds. */
  readonly created: number;
}

const changes: readonly Event[] = ['trialing', 'active', 'past_due', 'canceled'].map((status) => ({
  status,
  created: 1_700_000_000,
}));
const [before, last] = changes.slice(-2);

let pool: Pool;
beforeAll(async () => {
  const uri = await emptyDatabase(inject('serverUrl'));
  pool = createPool({ uri, connectionLimit: 3 });
  await pool.query(
    `CREATE TABLE subscriptions (id INT PRIMARY KEY, status VARCHAR(30), event_created BIGINT)
     ENGINE=InnoDB`,
  );
});
afterAll(() => pool.end());
beforeEach(async () => {
  await pool.query('DELETE FROM subscriptions');
  await pool.query('INSERT INTO subscriptions VALUES (1, NULL, 0)');
});

/** Every order in which events can come. */
function ordersOf(events: readonly Event[]): Event[][] {
  if (events.length === 0) return [[]];
  return events.flatMap((event) =>
    ordersOf(events.filter((other) => other !== event)).map((rest) => [event, ...rest]),
  );
}

async function written(): Promise<unknown> {
  const [rows] = await pool.query<RowDataPacket[]>('SELECT status FROM subscriptions');
  return rows[0]?.['status'];
}

const write = (connection: Pool | PoolConnection, status: unknown) =>
  connection.query('UPDATE subscriptions SET status = ?', [status]);

/** In how many of the orders the subscription is not what it was last. */
async function wrongOrders(handle: (event: Event) => Promise<unknown>): Promise<number> {
  let wrong = 0;
  for (const order of ordersOf(changes)) {
    await pool.query('UPDATE subscriptions SET status = NULL, event_created = 0');
    for (const event of order) await handle(event);
    if ((await written()) !== last?.status) wrong += 1;
  }
  return wrong;
}

test('W6: what an event says is wrong wherever another than the last change comes last', async () => {
  expect(await wrongOrders(({ status }) => write(pool, status))).toBe(18);
});

test.for(['<', '<='])(
  'W6: events of one second have no order: a guard by `created %s` is wrong as often',
  async (guard) => {
    const handle = ({ status, created }: Event) =>
      pool.query(
        `UPDATE subscriptions SET status = ?, event_created = ? WHERE event_created ${guard} ?`,
        [status, created, created],
      );
    expect(await wrongOrders(handle)).toBe(18);
  },
);

test('W6: what was read anew without a lock may be older than what another has written since', async () => {
  let atStripe = before;
  const slow = atStripe?.status;
  atStripe = last;
  await write(pool, atStripe?.status);
  await write(pool, slow);
  expect(await written()).toBe(before?.status);
});

test('W6: what is read anew under a lock is what was true last', async () => {
  let atStripe = before;
  const [slow, quick] = [await pool.getConnection(), await pool.getConnection()];
  const lock = async (connection: PoolConnection) => {
    await connection.query('START TRANSACTION');
    await connection.query('SELECT status FROM subscriptions FOR UPDATE');
  };
  await lock(slow);
  const read = atStripe?.status;
  atStripe = last;
  const other = lock(quick).then(async () => {
    await write(quick, atStripe?.status);
    await quick.query('COMMIT');
  });
  let isWritten = false;
  void other.then(() => (isWritten = true));
  const isHeldUp = async () => (await lockWaits(pool, 'SELECT status FROM subscriptions%')) > 0;
  await expect.poll(async () => isWritten || (await isHeldUp()), patiently).toBe(true);
  await write(slow, read);
  await slow.query('COMMIT');
  await other;
  for (const connection of [slow, quick]) connection.release();
  expect(await written()).toBe(last?.status);
});
