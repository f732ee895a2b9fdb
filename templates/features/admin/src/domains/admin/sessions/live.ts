import { and, gt, isNull, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import { adminSessions, adminUsers } from '../models.ts';

/** Seconds after its last use at which a session ends (ASVS 5.0, 7.3.1). */
const idle = 15 * 60;

/** Of a session and its operator: that the session goes on. */
export const isLive = and(
  gt(adminSessions.expiresAt, now),
  sql`${adminSessions.lastUsedAt} > UTC_TIMESTAMP(3) - INTERVAL ${idle} SECOND`,
  isNull(adminUsers.disabledAt),
);
