// Why the inbox is as it is: what happens to one event that comes fifty times at once, by each way of
// telling that it was seen before. A server that behaved otherwise would be a reason to think again.
import { createPool, type Pool, type PoolConnection, type ResultSetHeader } from 'mysql2/promise';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { lockWaits, patiently } from './support/lock-waits.ts';
import { emptyDatabase } from './support/project.ts';

const copies = 50;
const events = ['evt_1', 'evt_2', 'evt_3', 'evt_4', 'evt_5'];

let pool: Pool;

beforeAll(async () => {
  const uri = await emptyDatabase(inject('serverUrl'));
  pool = createPool({ uri, connectionLimit: copies });
  await pool.query(
    'CREATE TABLE seen (event_id VARCHAR(50) NOT NULL, UNIQUE KEY (event_id)) ENGINE=InnoDB',
  );
  await pool.query('CREATE TABLE effects (event_id VARCHAR(50) NOT NULL) ENGINE=InnoDB');
});
afterAll(() => pool.end());
beforeEach(async () => {
  await pool.query('DELETE FROM seen');
  await pool.query('DELETE FROM effects');
});

interface Turn {
  readonly connection: PoolConnection;
  readonly event: string;
  /** Lets all copies come to the same place before one goes on. */
  readonly together: () => Promise<void>;
}

const effect = ({ connection, event }: Turn) =>
  connection.query('INSERT INTO effects (event_id) VALUES (?)', [event]);
const insert = ({ connection, event }: Turn) =>
  connection.query<ResultSetHeader>('INSERT INTO seen (event_id) VALUES (?)', [event]);

/** Runs every copy of every event. @returns how often each had its effect, and which errors came */
async function outcome(strategy: (turn: Turn) => Promise<unknown>) {
  const errors: unknown[] = [];
  for (const event of events) {
    const arrived = Promise.withResolvers<void>();
    let missing = copies;
    const together = (): Promise<void> => {
      missing -= 1;
      if (missing === 0) arrived.resolve();
      return arrived.promise;
    };
    const runs = Array.from({ length: copies }, () => run(strategy, { event, together }));
    for (const { reason } of (await Promise.allSettled(runs)).filter(isRejected)) {
      errors.push((reason as { errno?: number }).errno);
    }
  }
  const [rows] = await pool.query('SELECT event_id, COUNT(*) AS count FROM effects GROUP BY 1');
  const counts = (rows as { count: number }[]).map(({ count }) => count);
  return { counts, errors };
}

async function run(
  strategy: (turn: Turn) => Promise<unknown>,
  turn: Omit<Turn, 'connection'>,
): Promise<void> {
  const connection = await pool.getConnection();
  try {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await strategy({ ...turn, connection });
  } catch (error) {
    await connection.query('ROLLBACK');
    throw error;
  } finally {
    connection.release();
  }
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}

const once = events.map(() => 1);
const everyTime = events.map(() => copies);

test('W1: a look before the insert sees nothing, as often as it is taken', async () => {
  const { counts } = await outcome(async (turn) => {
    const { connection, event, together } = turn;
    const [found] = await connection.query('SELECT 1 FROM seen WHERE event_id = ?', [event]);
    await together();
    if ((found as unknown[]).length > 0) return;
    await connection.query('INSERT IGNORE INTO seen (event_id) VALUES (?)', [event]);
    await effect(turn);
  });
  expect(counts).toEqual(everyTime);
});

test('W1: an upsert says of a duplicate, too, that one row was affected', async () => {
  const { counts } = await outcome(async (turn) => {
    const [{ affectedRows }] = await turn.connection.query<ResultSetHeader>(
      'INSERT INTO seen (event_id) VALUES (?) ON DUPLICATE KEY UPDATE event_id = event_id',
      [turn.event],
    );
    if (affectedRows === 1) await effect(turn);
  });
  expect(counts).toEqual(everyTime);
});

test('W1: a lock on a row that is not there yet locks its gap: the copies deadlock', async () => {
  const { errors } = await outcome(async (turn) => {
    const { connection, event, together } = turn;
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
    await connection.query('START TRANSACTION');
    await connection.query('SELECT 1 FROM seen WHERE event_id = ? FOR UPDATE', [event]);
    await together();
    await insert(turn);
    await effect(turn);
    await connection.query('COMMIT');
  });
  expect(errors).toContain(1213);
});

test('W1: a plain insert that commits by itself lets one copy through, and none waits', async () => {
  const { counts, errors } = await outcome(async (turn) => {
    try {
      await insert(turn);
    } catch (error) {
      if ((error as { errno?: number }).errno === 1062) return;
      throw error;
    }
    await effect(turn);
  });
  expect(counts).toEqual(once);
  expect(errors).toEqual([]);
});

test('W1: an insert in the transaction of the effect has every copy wait for the first', async () => {
  const first = await pool.getConnection();
  const second = await pool.getConnection();
  await first.query('START TRANSACTION');
  await first.query("INSERT INTO seen (event_id) VALUES ('evt_1')");
  let answered = false;
  const waiting = second
    .query("INSERT INTO seen (event_id) VALUES ('evt_1')")
    .catch((error: unknown) => error)
    .finally(() => {
      answered = true;
    });

  // Another connection has been answered since: it is the lock that the copy waits for.
  await pool.query('SELECT 1');
  await pool.query('SELECT 1');
  expect(answered).toBe(false);
  await first.query('COMMIT');
  expect(await waiting).toMatchObject({ errno: 1062 });
  first.release();
  second.release();
});

test('W1: where that first one rolls back, one copy is let through and all others deadlock', async () => {
  const event = 'evt_undone';
  const together = () => Promise.resolve();
  const [first, ...others] = await Promise.all(
    Array.from({ length: copies }, () => pool.getConnection()),
  );
  if (first === undefined) throw new Error('There are no copies');
  await first.query('START TRANSACTION');
  await insert({ connection: first, event, together });
  const outcomes = others.map(async (connection) => {
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await connection.query('START TRANSACTION');
    try {
      await insert({ connection, event, together });
      await effect({ connection, event, together });
      await connection.query('COMMIT');
      return 'committed';
    } catch (error) {
      await connection.query('ROLLBACK');
      return (error as { errno?: number }).errno;
    }
  });
  const inserting = `INSERT INTO seen % ('${event}')`;
  await expect.poll(() => lockWaits(first, inserting), patiently).toBe(others.length);
  await first.query('ROLLBACK');

  const counts = new Map<unknown, number>();
  for (const each of await Promise.all(outcomes)) counts.set(each, (counts.get(each) ?? 0) + 1);
  expect(Object.fromEntries(counts)).toEqual({ committed: 1, 1213: others.length - 1 });
  const [rows] = await first.query('SELECT * FROM effects');
  expect(rows).toEqual([{ event_id: event }]);
  for (const connection of [first, ...others]) connection.release();
});
