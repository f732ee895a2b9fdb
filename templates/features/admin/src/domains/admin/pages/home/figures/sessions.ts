import { sql } from 'drizzle-orm';
import { sessions } from '#app/domains/auth/models.ts';
import { idleDays, sessionDays } from '#app/domains/auth/sessions/refresh-tokens.ts';
import { countRows } from '../count.ts';
import { defineFigure } from '../define-figure.ts';

/** Sessions that go on: each is one device on which somebody is signed in. */
export const sessionsFigure = defineFigure({
  title: 'Sessions',
  permission: 'customers.read',
  load: async ({ database: { queries } }) => ({
    // Two ranges of one index, which holds all that is asked for. Those that were never refreshed are
    // as old as their sign-in.
    value: await countRows(
      queries,
      sql`SELECT 1 FROM ${sessions}
        WHERE ${sessions.revokedAt} IS NULL
          AND ${sessions.createdAt} > UTC_TIMESTAMP(3) - INTERVAL ${sessionDays} DAY
          AND (${sessions.lastUsedAt} > UTC_TIMESTAMP(3) - INTERVAL ${idleDays} DAY
            OR (${sessions.lastUsedAt} IS NULL
              AND ${sessions.createdAt} > UTC_TIMESTAMP(3) - INTERVAL ${idleDays} DAY))`,
    ),
    note: `used within the last ${idleDays} days`,
  }),
});
