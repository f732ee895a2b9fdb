import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { expect } from 'vitest';
import type { TestService } from '../../support/service.ts';
import type { TestOrganization } from './organizations.ts';

export interface HeldLock {
  /** Waits until so many transactions want something of the organization's. */
  wantedBy(count: number): Promise<void>;
  release(): Promise<void>;
}

/** Locks an organization, so that all that is asked of it meanwhile comes to its lock together. */
export async function holdOrganization(
  { database }: TestService,
  { accountId }: Pick<TestOrganization, 'accountId'>,
): Promise<HeldLock> {
  const holder = await createConnection(database.url);
  await holder.query('START TRANSACTION');
  await holder.query('SELECT 1 FROM organizations WHERE account_id = ? FOR UPDATE', [accountId]);
  return {
    wantedBy: (count) => wantedBy({ database }, { accountId }, count),
    async release() {
      await holder.query('COMMIT');
      await holder.end();
    },
  };
}

/** Waits until so many transactions wait for something of the organization's. */
export async function wantedBy(
  { database }: Pick<TestService, 'database'>,
  { accountId }: Pick<TestOrganization, 'accountId'>,
  count: number,
): Promise<void> {
  const waiting = async () => {
    const [rows] = await database.connection.query<RowDataPacket[]>(
      `SELECT 1 FROM information_schema.INNODB_TRX
       WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?`,
      [`%${accountId}%`],
    );
    return rows.length;
  };
  // What the server tells of locks is anew only where nobody has asked for a tenth of a second.
  const times = { interval: 300, timeout: 30_000 };
  await expect.poll(waiting, times).toBeGreaterThanOrEqual(count);
}
