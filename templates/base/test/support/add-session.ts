import type { Connection } from 'mysql2/promise';
import { newId } from '#app/database/id.ts';

/** Adds a session of a new user, as after a sign-in. Resolves to its id. */
export async function addSession(connection: Connection): Promise<string> {
  const [account, user, session] = [newId(), newId(), newId()];
  await connection.query('INSERT INTO accounts (id, name) VALUES (?, ?)', [account, 'Example']);
  await connection.query(
    'INSERT INTO users (id, account_id, email, password_hash) VALUES (?, ?, ?, ?)',
    [user, account, `${user}@example.com`, ''],
  );
  await connection.query(
    'INSERT INTO sessions (id, user_id, account_id, expires_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3) + INTERVAL 1 DAY)',
    [session, user, account],
  );
  return session;
}
