// An invitation: a link that works once, for a day. Who follows it sets a password and an
// authenticator app, and is signed in.
import { createHash } from 'node:crypto';
import { and, eq, gt, isNull } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database, Queries } from '#app/database/database.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { invalidLink } from '#app/domains/auth/errors.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { wrongFirstCode } from '../errors.ts';
import { adminUsers } from '../models.ts';
import { adminOrigin, type AdminSettings } from '../settings.ts';
import { originOf, type AdminSessions } from '../sessions/sessions.ts';
import { confirmOffer, offerSecret, renewRecoveryCodes, unixTime, type Offer } from './factor.ts';

export const invitationHours = 24;

export interface Accepted {
  /** To be shown once. */
  readonly recoveryCodes: readonly string[];
  /** The Set-Cookie header of the session that begins. */
  readonly cookie: string;
}

export interface Invitations {
  /** Whom a link invites, and a secret for the app; nothing where the link does not work. */
  find(token: string, offer?: string): Promise<{ email: string; offer: Offer } | undefined>;
  /** @throws invalid_link, weak_password, wrong_first_code, sign_in_busy */
  accept(
    token: string,
    chosen: { password: string; offer: string; code: string },
    request: GuardRequest,
  ): Promise<Accepted>;
}

export function openInvitations(deps: {
  database: Database;
  sealing: Sealing;
  sessions: AdminSessions;
  auth: Pick<AuthService, 'passwords' | 'policy'>;
}): Invitations {
  const { database, sealing, sessions, auth } = deps;

  return {
    async find(token, offer) {
      const invited = await findInvited(database.queries, token);
      return invited && { email: invited.email, offer: offerSecret(sealing, invited, offer) };
    },

    async accept(token, { password, offer, code }, request) {
      const invited = await findInvited(database.queries, token);
      if (invited === undefined) throw invalidLink();
      const { id, email, time } = invited;
      auth.policy.check(password, email);
      const factor = confirmOffer(sealing, id, { offer, code }, time);
      if (factor === undefined) throw wrongCode();
      const passwordHash = await auth.passwords.hash(password);
      const before = await sessions.find(request);

      return database.transaction(async (tx) => {
        const [{ affectedRows }] = await tx
          .update(adminUsers)
          .set({ passwordHash, ...factor, invitationHash: null, invitationExpiresAt: null })
          .where(isInvited(token));
        if (affectedRows === 0) throw invalidLink();
        const recoveryCodes = await renewRecoveryCodes(tx, sealing, id);
        if (before !== undefined) await sessions.end(tx, before.sessionId);
        const cookie = await sessions.begin(tx, id, originOf(request));
        const admin = `admin:${id}`;
        recordAct(tx, {
          actor: admin,
          action: 'admin.invitation_accepted',
          subject: admin,
        });
        return { recoveryCodes, cookie };
      });
    },
  };
}

/** Where a link leads to. Made from the settings alone: what a request calls this host may be false. */
export function invitationLink(
  settings: AdminSettings & { APP_ORIGIN: string },
  token: string,
): string {
  return `${adminOrigin(settings)}/admin/invitation?token=${token}`;
}

export function hashOfToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

async function findInvited(queries: Queries, token: string) {
  const [invited] = await queries
    .select({ id: adminUsers.id, email: adminUsers.email, time: unixTime })
    .from(adminUsers)
    .where(isInvited(token));
  return invited;
}

function isInvited(token: string) {
  return and(
    eq(adminUsers.invitationHash, hashOfToken(token)),
    gt(adminUsers.invitationExpiresAt, now),
    isNull(adminUsers.disabledAt),
  );
}

export function wrongCode() {
  const detail = 'This is not the code that the app shows now. Wait for the next one.';
  return wrongFirstCode({ detail, errors: [{ pointer: '#/code', detail }] });
}
