import type { RowDataPacket } from 'mysql2/promise';
import type { Client } from '../../support/client.ts';
import type { TestService } from '../../support/service.ts';
import { askWho } from '../../support/users.ts';

/** The user of a client, and the account that it acts for. */
export async function userOf(client: Client): Promise<{ accountId: string; email: string }> {
  const { body } = await askWho(client);
  return body.user;
}

/** Who did what to which row, by the newest entry of the audit log. */
export async function lastAct({ database }: TestService): Promise<RowDataPacket | undefined> {
  const [acts] = await database.connection.query<RowDataPacket[]>(
    'SELECT actor, action, subject FROM audit_log ORDER BY id DESC LIMIT 1',
  );
  return acts[0];
}
