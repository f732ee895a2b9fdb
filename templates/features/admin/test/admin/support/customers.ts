// Customers as the database holds them, without the way that leads there.
import { randomBytes, randomUUID } from 'node:crypto';
import { newId } from '#app/database/id.ts';
import type { TestDatabase } from '../../support/database.ts';

export interface StoredCustomer {
  readonly id: string;
  readonly accountId: string;
  readonly email: string;
}

/** Adds a customer with an account, as if registered at that time. */
export async function addCustomer(
  { connection }: Pick<TestDatabase, 'connection'>,
  email = `${randomBytes(6).toString('hex')}@example.com`,
  registeredAt: number = Date.now(),
): Promise<StoredCustomer> {
  const customer = { id: newId(registeredAt), accountId: newId(registeredAt), email };
  const at = new Date(registeredAt);
  await connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [
    customer.accountId,
    email.slice(0, 100),
  ]);
  await connection.query(
    `INSERT INTO users (id, account_id, email, password_hash, created_at) VALUES (?, ?, ?, '', ?)`,
    [customer.id, customer.accountId, email, at],
  );
  return customer;
}

/** Adds a session of a customer that goes on. */
export async function addSession(
  { connection }: Pick<TestDatabase, 'connection'>,
  { id, accountId }: StoredCustomer,
  userAgent = 'a browser',
): Promise<string> {
  const sessionId = randomUUID();
  await connection.query(
    `INSERT INTO sessions (id, user_id, account_id, ip, user_agent, expires_at)
     VALUES (?, ?, ?, '192.0.2.1', ?, UTC_TIMESTAMP(3) + INTERVAL 1 DAY)`,
    [sessionId, id, accountId, userAgent],
  );
  return sessionId;
}
