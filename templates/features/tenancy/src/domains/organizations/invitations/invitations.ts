// Invitations as the organization sees them. Nothing here asks whether an address has an account, so
// no answer can tell.
import { and, asc, eq, gt, lte, sql, type SQL } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database, Queries } from '#app/database/database.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { users } from '#app/domains/auth/models.ts';
import type { OwnKind } from '#app/domains/auth/sign-in/budgets.ts';
import type { Throttle } from '#app/domains/auth/sign-in/throttle.ts';
import type { Licenses } from '#app/domains/licenses/service.ts';
import { notFound } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { alreadyInvited, alreadyMember } from '../errors.ts';
import { invitationMail } from '../mails.ts';
import { actorOf, requireMay, type Member, type Outsider } from '../members/memberships.ts';
import { invitations, memberships } from '../models.ts';
import { requireOrganization, type LockedOrganization } from '../organization-lock.ts';
import { titleOf, type RoleName } from '../roles.ts';
import { invitationLink } from './links.ts';
import { requireSeatForInvitation } from './seats.ts';
import { requireVerified } from './sender.ts';
import { hashOf, newToken } from './tokens.ts';

/** Days for which an invitation can be accepted. */
export const invitationDays = 7;

const minute = 60;
const hour = 60 * minute;
/** What one person may send to others' addresses, beside what each of these may get. */
const inviting: OwnKind = {
  name: 'invitation',
  subject: { free: 30, firstDelay: minute, longestDelay: hour, refill: 20 * minute },
  range: undefined,
};

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly role: string;
  /** Address of who sent it. */
  readonly invitedBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly isExpired: boolean;
}

/** Who sends a mail, and from where. */
export interface Sender extends Member {
  readonly ip: string;
}

export interface Invitations {
  /** The invitations that were not answered, in the order in which they were made. */
  list(
    accountId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<Invitation[]>;
  /**
   * Invites an address, whether or not it has an account.
   *
   * @throws not_found, role_insufficient, email_not_verified, already_member, already_invited,
   *   seats_taken, too_many_attempts
   */
  invite(who: Sender, invited: { email: string; role: RoleName }): Promise<Invitation>;
  /**
   * Sends a new link; the one before works no more.
   *
   * @throws not_found, role_insufficient, email_not_verified, seats_taken, too_many_attempts
   */
  resend(who: Sender, id: string): Promise<Invitation>;
  /** @throws not_found, role_insufficient */
  revoke(who: Member, id: string): Promise<void>;
}

export function openInvitations(deps: {
  settings: { readonly APP_ORIGIN: string };
  database: Database;
  outbox: Outbox;
  throttle: Throttle;
  licenses: Pick<Licenses, 'seatsFor'>;
}): Invitations {
  const { settings, database, outbox, throttle, licenses } = deps;

  /** Counted for the sender as well: one could write to one address after another. */
  const charged = <T>({ userId, ip }: Sender, email: string, work: () => Promise<T>): Promise<T> =>
    throttle.charge([inviting, userId], () => throttle.charge(['mail', email, ip], work));

  async function send(
    tx: Transaction,
    organization: LockedOrganization,
    invitation: Invitation,
    token: string,
  ): Promise<void> {
    const { email, role, invitedBy } = invitation;
    const mail = invitationMail(email, {
      organization,
      inviter: invitedBy,
      role: titleOf(role),
      link: invitationLink(settings.APP_ORIGIN, token),
      days: invitationDays,
    });
    await sendMail(outbox, tx, mail);
  }

  return {
    list: (accountId, { after, limit }) =>
      select(
        database.queries,
        and(
          eq(invitations.accountId, accountId),
          after === undefined ? undefined : gt(invitations.id, after),
        ),
      )
        .orderBy(asc(invitations.id))
        .limit(limit),

    invite: (who, { email, role }) =>
      charged(who, email, () =>
        database.transaction(async (tx) => {
          const { accountId, userId } = who;
          const organization = await requireOrganization(tx, accountId);
          await requireMay(tx, who, 'members:invite', role);
          await requireVerified(tx, userId);
          await refuseMember(tx, accountId, email);
          await refuseInvited(tx, accountId, email);
          await requireSeatForInvitation(tx, licenses, accountId);
          const [id, token] = [newId(), newToken()];
          await tx.insert(invitations).values({
            accountId,
            id,
            email,
            role,
            tokenHash: hashOf(token),
            invitedBy: userId,
            expiresAt: inDays,
          });
          const invitation = await read(tx, accountId, id);
          await send(tx, organization, invitation, token);
          note(tx, who, { action: 'organization.member_invited', invitationId: id, role });
          return invitation;
        }),
      ),

    async resend(who, id) {
      const { accountId, userId } = who;
      const sent = await read(database.queries, accountId, id);
      return charged(who, sent.email, () =>
        database.transaction(async (tx) => {
          const organization = await requireOrganization(tx, accountId);
          const before = await read(tx, accountId, id);
          await requireMay(tx, who, 'members:invite', before.role);
          await requireVerified(tx, userId);
          await requireSeatForInvitation(tx, licenses, accountId, { except: id });
          const token = newToken();
          await tx
            .update(invitations)
            .set({ tokenHash: hashOf(token), invitedBy: userId, expiresAt: inDays })
            .where(isThis(accountId, id));
          const invitation = await read(tx, accountId, id);
          await send(tx, organization, invitation, token);
          note(tx, who, { action: 'organization.invitation_resent', invitationId: id });
          return invitation;
        }),
      );
    },

    revoke: (who, id) => database.transaction((tx) => revokeInvitation(tx, who, id)),
  };
}

/**
 * Has an invitation be accepted by nobody, asked by a member or by an operator.
 *
 * @throws not_found, role_insufficient
 */
export async function revokeInvitation(
  tx: Transaction,
  who: Member | Outsider,
  id: string,
): Promise<void> {
  const { accountId } = who;
  await requireOrganization(tx, accountId);
  const { role } = await read(tx, accountId, id);
  await requireMay(tx, who, 'members:invite', role);
  await tx.delete(invitations).where(isThis(accountId, id));
  note(tx, who, { action: 'organization.invitation_revoked', invitationId: id });
}

const inDays = sql<Date>`UTC_TIMESTAMP(3) + INTERVAL ${invitationDays} DAY`;

const isThis = (accountId: string, id: string) =>
  and(eq(invitations.accountId, accountId), eq(invitations.id, id));

function select(queries: Queries | Transaction, where: SQL | undefined) {
  return queries
    .select({
      id: invitations.id,
      email: invitations.email,
      role: invitations.role,
      invitedBy: users.email,
      createdAt: invitations.createdAt,
      expiresAt: invitations.expiresAt,
      isExpired: sql<boolean>`${invitations.expiresAt} <= ${now}`.mapWith(Boolean),
    })
    .from(invitations)
    .innerJoin(users, eq(users.id, invitations.invitedBy))
    .where(where);
}

/** @throws not_found */
async function read(
  queries: Queries | Transaction,
  accountId: string,
  id: string,
): Promise<Invitation> {
  const [invitation] = await select(queries, isThis(accountId, id));
  if (invitation === undefined) throw notFound();
  return invitation;
}

/** @throws already_member */
async function refuseMember(tx: Transaction, accountId: string, email: string): Promise<void> {
  const members = await tx
    .select({ userId: memberships.userId })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.accountId, accountId), eq(users.email, email)));
  if (members.length > 0) throw alreadyMember({ detail: 'The member list has this address.' });
}

/**
 * One that has expired makes room.
 *
 * @throws already_invited
 */
async function refuseInvited(tx: Transaction, accountId: string, email: string): Promise<void> {
  const ofAddress = and(eq(invitations.accountId, accountId), eq(invitations.email, email));
  await tx.delete(invitations).where(and(ofAddress, lte(invitations.expiresAt, now)));
  const open = await tx.select({ id: invitations.id }).from(invitations).where(ofAddress);
  if (open.length > 0) throw alreadyInvited({ detail: 'Send the invitation again instead.' });
}

function note(
  tx: Transaction,
  who: Member | Outsider,
  { action, ...detail }: { readonly action: string } & Readonly<Record<string, string>>,
): void {
  const subject = `account:${who.accountId}`;
  recordAct(tx, { actor: actorOf(who), action, subject, detail });
}
