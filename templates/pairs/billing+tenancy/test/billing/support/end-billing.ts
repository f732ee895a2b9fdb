import type { Connection } from 'mysql2/promise';

/** Ends what an account pays for, and where it could begin to. */
export async function endBilling(connection: Connection, accountId: string): Promise<void> {
  await connection.query(
    "UPDATE billing_subscriptions SET status = 'canceled' WHERE account_id = ?",
    [accountId],
  );
  await connection.query("UPDATE billing_checkouts SET state = 'expired' WHERE account_id = ?", [
    accountId,
  ]);
}
