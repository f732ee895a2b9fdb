import type { RowDataPacket } from 'mysql2/promise';
import type { Database } from '#app/database/database.ts';
import type { users } from './models.ts';

export type User = Pick<
  typeof users.$inferSelect,
  'id' | 'accountId' | 'email' | 'emailVerifiedAt' | 'createdAt'
>;

export interface Users {
  find(id: string): Promise<User | undefined>;
}

export function openUsers({ statements }: Pick<Database, 'statements'>): Users {
  return {
    // Read at every request of a signed-in user, so by a statement that the server keeps prepared.
    async find(id) {
      const [rows] = await statements.execute<(User & RowDataPacket)[]>(
        `SELECT id, account_id AS accountId, email, email_verified_at AS emailVerifiedAt,
          created_at AS createdAt FROM users WHERE id = ?`,
        [id],
      );
      return rows[0];
    },
  };
}
