import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { refreshTokens, sessions, users } from '#app/domains/auth/models.ts';
import { hostCookie } from '#app/http/cookies.ts';
import type { HttpSettings } from '#app/http/settings.ts';

export interface BrowserUser {
  readonly id: string;
  readonly email: string;
}

/**
 * Who is signed in in a browser that keeps the refresh token in its cookie. The token is not used up.
 * Nothing for who is not, whose token is elsewhere, or whose browser comes from a page of another
 * site, such as that of a mail program: cookies stay behind then.
 */
export async function browserUser(
  { queries }: Pick<Database, 'queries'>,
  settings: Pick<HttpSettings, 'APP_ORIGIN'>,
  headers: IncomingHttpHeaders,
): Promise<BrowserUser | undefined> {
  const token = hostCookie('refresh', settings).read(headers);
  if (token === undefined) return undefined;
  const [user] = await queries
    .select({ id: users.id, email: users.email })
    .from(refreshTokens)
    .innerJoin(sessions, eq(sessions.id, refreshTokens.sessionId))
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(refreshTokens.tokenHash, createHash('sha256').update(token).digest()),
        gt(refreshTokens.expiresAt, now),
        isNull(refreshTokens.usedAt),
        gt(sessions.expiresAt, now),
        isNull(sessions.revokedAt),
      ),
    );
  return user;
}
