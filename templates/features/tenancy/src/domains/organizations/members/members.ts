import { and, asc, eq, gt } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { users } from '#app/domains/auth/models.ts';
import { notFound } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import { removedMail } from '../mails.ts';
import { memberships } from '../models.ts';
import { requireOrganization } from '../organization-lock.ts';
import type { RoleName } from '../roles.ts';
import {
  actorOf,
  endMembership,
  requireMay,
  roleOf,
  setRole,
  type Member,
  type Outsider,
} from './memberships.ts';

export interface ListedMember {
  readonly userId: string;
  readonly email: string;
  readonly role: string;
  readonly createdAt: Date;
}

export interface Members {
  /** The members of an organization in the order of their ids, those after `after` alone. */
  list(
    accountId: string,
    page: { after?: string | undefined; limit: number },
  ): Promise<ListedMember[]>;
  /**
   * Gives a member another role.
   *
   * @throws not_found, role_insufficient, owner_needed
   */
  changeRole(who: Member, userId: string, role: RoleName): Promise<void>;
  /** @throws not_found, role_insufficient, owner_needed */
  remove(who: Member, userId: string): Promise<void>;
  /** @throws not_found, owner_needed */
  leave(who: Member): Promise<void>;
}

interface Deps {
  readonly database: Database;
  readonly outbox: Outbox;
}

export function openMembers(deps: Deps): Members {
  const { database } = deps;

  return {
    list: (accountId, { after, limit }) =>
      database.queries
        .select({
          userId: memberships.userId,
          email: users.email,
          role: memberships.role,
          createdAt: memberships.createdAt,
        })
        .from(memberships)
        .innerJoin(users, eq(users.id, memberships.userId))
        .where(
          and(
            eq(memberships.accountId, accountId),
            after === undefined ? undefined : gt(memberships.userId, after),
          ),
        )
        .orderBy(asc(memberships.userId))
        .limit(limit),

    changeRole: (who, userId, role) =>
      database.transaction((tx) => changeRole(tx, who, { userId, role })),
    remove: (who, userId) => database.transaction((tx) => removeMember(deps, tx, who, userId)),

    leave: (who) =>
      database.transaction(async (tx) => {
        await requireOrganization(tx, who.accountId);
        const role = await roleOf(tx, who);
        if (role === undefined) throw notFound();
        await endMembership(tx, who, role);
        note(tx, who, {
          action: 'organization.member_left',
          userId: who.userId,
          role,
        });
      }),
  };
}

/**
 * Gives a member of an organization another role, asked by another member or by an operator.
 *
 * @throws not_found, role_insufficient, owner_needed
 */
export async function changeRole(
  tx: Transaction,
  who: Member | Outsider,
  { userId, role }: { readonly userId: string; readonly role: RoleName },
): Promise<void> {
  await requireOrganization(tx, who.accountId);
  const member = { accountId: who.accountId, userId };
  const from = await roleOf(tx, member);
  await requireMay(tx, who, 'members:manage', from ?? '', role);
  if (from === undefined) throw notFound();
  if (from === role) return;
  await setRole(tx, member, { from, to: role });
  note(tx, who, { action: 'organization.role_changed', userId, from, to: role });
}

/**
 * Removes a member, asked by another member or by an operator, and tells them.
 *
 * @throws not_found, role_insufficient, owner_needed
 */
export async function removeMember(
  { outbox }: Pick<Deps, 'outbox'>,
  tx: Transaction,
  who: Member | Outsider,
  userId: string,
): Promise<void> {
  const organization = await requireOrganization(tx, who.accountId);
  const member = { accountId: who.accountId, userId };
  const role = await roleOf(tx, member);
  await requireMay(tx, who, 'members:manage', role ?? '');
  if (role === undefined) throw notFound();
  await endMembership(tx, member, role);
  const [user] = await tx.select({ email: users.email }).from(users).where(eq(users.id, userId));
  if (user !== undefined) await sendMail(outbox, tx, removedMail(user.email, organization));
  note(tx, who, { action: 'organization.member_removed', userId, role });
}

function note(
  tx: Transaction,
  who: Member | Outsider,
  { action, ...detail }: { readonly action: string } & Readonly<Record<string, string>>,
): void {
  const subject = `account:${who.accountId}`;
  recordAct(tx, { actor: actorOf(who), action, subject, detail });
}
