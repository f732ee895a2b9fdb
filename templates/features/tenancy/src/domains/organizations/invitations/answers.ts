// Invitations as whoever holds a link sees them. The link was sent to the address, and so proves it.
import { and, eq, gt, isNull, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/mysql-core';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { addUser } from '#app/domains/auth/account/add-user.ts';
import type { PasswordPolicy } from '#app/domains/auth/account/password-policy.ts';
import { emailTaken, invalidLink } from '#app/domains/auth/errors.ts';
import { users } from '#app/domains/auth/models.ts';
import type { Passwords } from '#app/domains/auth/passwords.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { invitationForAnother } from '../errors.ts';
import { addMember } from '../members/memberships.ts';
import { invitations, organizations } from '../models.ts';
import { lockOrganization } from '../organization-lock.ts';
import { requireSeatForMember } from './seats.ts';
import { hashOf } from './tokens.ts';

/** What a link that works is for. */
export interface OpenInvitation {
  readonly organization: { readonly accountId: string; readonly name: string };
  readonly email: string;
  readonly role: string;
  /** Address of who sent it. */
  readonly invitedBy: string;
  readonly expiresAt: Date;
  /** Whether somebody has an account with the address. */
  readonly isRegistered: boolean;
}

export interface Joined {
  readonly accountId: string;
  readonly name: string;
}

export interface Answers {
  /** Resolves to nothing for a link that is unknown, answered, revoked or too old. */
  find(token: string): Promise<OpenInvitation | undefined>;
  /**
   * Has a user join, who has the address that was invited. Of many at once, one does.
   *
   * @throws invalid_link, invitation_for_another, seats_taken
   */
  accept(userId: string, token: string): Promise<Joined>;
  /**
   * Makes a user with the address, which the link has verified, and has them join.
   *
   * @throws invalid_link, email_taken, weak_password, seats_taken, sign_in_busy
   */
  register(input: { token: string; password: string }): Promise<Joined>;
  /** @throws invalid_link */
  decline(token: string): Promise<void>;
}

export function openAnswers(deps: {
  database: Database;
  passwords: Passwords;
  policy: PasswordPolicy;
  licenses: Pick<Licenses, 'seatsFor'>;
}): Answers {
  const { database, passwords, policy, licenses } = deps;

  async function find(token: string): Promise<OpenInvitation | undefined> {
    const inviters = alias(users, 'inviters');
    const [found] = await database.queries
      .select({
        organization: { accountId: organizations.accountId, name: organizations.name },
        email: invitations.email,
        role: invitations.role,
        invitedBy: inviters.email,
        expiresAt: invitations.expiresAt,
        isRegistered: sql<boolean>`${users.id} IS NOT NULL`.mapWith(Boolean),
      })
      .from(invitations)
      .innerJoin(organizations, eq(organizations.accountId, invitations.accountId))
      .innerJoin(inviters, eq(inviters.id, invitations.invitedBy))
      .leftJoin(users, eq(users.email, invitations.email))
      .where(and(works(token), eq(organizations.state, 'active')));
    return found;
  }

  /** The organization was locked when the invitation was taken. */
  async function join(tx: Transaction, invitation: Taken, userId: string): Promise<Joined> {
    const { accountId, name, role, id } = invitation;
    const member = { accountId, userId, role };
    await requireSeatForMember(tx, licenses, accountId);
    const detail = { invitationId: id, role };
    // Who is a member already, by another address until lately, stays what they are.
    if (await addMember(tx, member))
      note(tx, invitation, userId, 'organization.member_joined', detail);
    return { accountId, name };
  }

  return {
    find,

    accept: (userId, token) =>
      database.transaction(async (tx) => {
        const invitation = await take(tx, token);
        const [user] = await tx
          .select({ email: users.email })
          .from(users)
          .where(eq(users.id, userId));
        if (user?.email !== invitation.email) {
          throw invitationForAnother({ detail: 'Sign in with the address that was invited.' });
        }
        await verify(tx, userId, invitation.email);
        return join(tx, invitation, userId);
      }),

    async register({ token, password }) {
      const found = await find(token);
      if (found === undefined) throw invalidLink();
      if (found.isRegistered) throw emailTaken({ detail: signInInstead });
      policy.check(password, found.email);
      const passwordHash = await passwords.hash(password);

      return database.transaction(async (tx) => {
        const invitation = await take(tx, token);
        const { email } = invitation;
        const { user, ownerId } = await addUser(tx, { email, passwordHash, isVerified: true });
        if (ownerId !== user.id) throw emailTaken({ detail: signInInstead });
        const subject = `user:${user.id}`;
        recordAct(tx, { actor: subject, action: 'user.registered', subject });
        return join(tx, invitation, user.id);
      });
    },

    decline: (token) =>
      database.transaction(async (tx) => {
        const invitation = await take(tx, token);
        note(tx, invitation, undefined, 'organization.invitation_declined', {
          invitationId: invitation.id,
        });
      }),
  };
}

const signInInstead = 'There is an account with this address: sign in with it to accept.';

const works = (token: string) =>
  and(eq(invitations.tokenHash, hashOf(token)), gt(invitations.expiresAt, now));

interface Taken {
  readonly accountId: string;
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly role: string;
}

/**
 * Uses an invitation up, and locks its organization. Of many at once, one gets it; so does nobody once
 * it was revoked or sent anew, since both hold the same lock.
 *
 * @throws invalid_link
 */
async function take(tx: Transaction, token: string): Promise<Taken> {
  const [found] = await tx
    .select({ accountId: invitations.accountId })
    .from(invitations)
    .where(works(token));
  const organization = found && (await lockOrganization(tx, found.accountId));
  if (organization === undefined) throw invalidLink();
  // As it is now, behind whoever held the lock.
  const [invitation] = await tx
    .select({ id: invitations.id, email: invitations.email, role: invitations.role })
    .from(invitations)
    .where(works(token));
  const [{ affectedRows }] = await tx.delete(invitations).where(works(token));
  if (invitation === undefined || affectedRows !== 1) throw invalidLink();
  return { ...organization, ...invitation };
}

/** Following the link has proved the address, as one that was sent to verify it would have. */
async function verify(tx: Transaction, userId: string, email: string): Promise<void> {
  const [{ affectedRows }] = await tx
    .update(users)
    .set({ emailVerifiedAt: sql`UTC_TIMESTAMP(3)` })
    .where(and(eq(users.id, userId), eq(users.email, email), isNull(users.emailVerifiedAt)));
  if (affectedRows === 0) return;
  const subject = `user:${userId}`;
  recordAct(tx, { actor: subject, action: 'user.email_verified', subject });
}

function note(
  tx: Transaction,
  { accountId }: Taken,
  userId: string | undefined,
  action: string,
  detail: Readonly<Record<string, string>>,
): void {
  const actor = userId === undefined ? 'anonymous' : `user:${userId}`;
  recordAct(tx, { actor, action, subject: `account:${accountId}`, detail });
}
