import type { Connection, RowDataPacket } from 'mysql2/promise';

/** For `expect.poll`: the server says this anew only where it was not asked for a tenth of a second. */
export const patiently = { timeout: 20_000, interval: 250 };

/** How many transactions wait for a lock with such a statement, as LIKE has it. */
export async function lockWaits(
  connection: Pick<Connection, 'query'>,
  statement: string,
): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(
    `SELECT COUNT(*) AS count FROM information_schema.innodb_trx
     WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?`,
    [statement],
  );
  return Number(rows[0]?.['count']);
}
