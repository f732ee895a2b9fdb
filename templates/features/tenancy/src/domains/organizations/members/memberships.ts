// The rows of members. Whoever changes one holds the lock of the organization.
import { and, count, eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { sessions, users } from '#app/domains/auth/models.ts';
import { ownerNeeded, roleInsufficient } from '../errors.ts';
import { withdrawInvitations } from '../invitations/sender.ts';
import { memberships } from '../models.ts';
import { covers, may, titleOf, type Permission, type RoleName } from '../roles.ts';

/** Who has a part in which organization. */
export interface Member {
  readonly accountId: string;
  readonly userId: string;
}

/** Who runs the service, and changes something of an organization from outside. */
export interface Outsider {
  readonly accountId: string;
  /** As the audit log calls them. */
  readonly actor: string;
}

/** What the audit log calls who asks for something. */
export function actorOf(who: Member | Outsider): string {
  return 'actor' in who ? who.actor : `user:${who.userId}`;
}

const isThis = ({ accountId, userId }: Member) =>
  and(eq(memberships.accountId, accountId), eq(memberships.userId, userId));

/** Resolves to a member's role, or to nothing for who is none. */
export async function roleOf(tx: Transaction, member: Member): Promise<string | undefined> {
  const [found] = await tx
    .select({ role: memberships.role })
    .from(memberships)
    .where(isThis(member));
  return found?.role;
}

/**
 * Makes sure, now that nobody else can change it, that a member may do something, to members of
 * these roles: who has less than a role can neither give it nor take it away. Who asks from outside
 * was let in there.
 *
 * @throws role_insufficient
 */
export async function requireMay(
  tx: Transaction,
  who: Member | Outsider,
  permission: Permission,
  ...over: readonly string[]
): Promise<void> {
  if ('actor' in who) return;
  const own = (await roleOf(tx, who)) ?? '';
  if (!may(own, permission)) throw roleInsufficient({ detail: `This takes ${permission}.` });
  const beyond = over.find((role) => !covers(own, role));
  if (beyond === undefined) return;
  throw roleInsufficient({ detail: `Only who may all that ${titleOf(beyond)} may can do this.` });
}

/** Adds a member. Who is one already stays as they are. */
export async function addMember(
  tx: Transaction,
  member: Member & { readonly role: string },
): Promise<boolean> {
  if ((await roleOf(tx, member)) !== undefined) return false;
  const { accountId, userId, role } = member;
  await tx.insert(memberships).values({ accountId, userId, role });
  return true;
}

/**
 * Gives a member another role. The invitations that the member may send no more end.
 *
 * @throws owner_needed where the last owner would be none any more
 */
export async function setRole(
  tx: Transaction,
  member: Member,
  role: { readonly from: string; readonly to: RoleName },
): Promise<void> {
  if (role.to !== 'owner') await keepOwner(tx, member, role.from);
  await tx
    .update(memberships)
    .set({ role: role.to })
    .where(and(isThis(member), eq(memberships.role, role.from)));
  await withdrawInvitations(tx, member, role.to);
}

/**
 * Ends a membership, and the invitations that the member has sent. The member's sessions that act for the organization go back to the member's own
 * account, so that the next access token is for that; those that there are, are refused at once.
 *
 * @throws owner_needed where the last owner would go
 */
export async function endMembership(tx: Transaction, member: Member, role: string): Promise<void> {
  await keepOwner(tx, member, role);
  await tx.delete(memberships).where(isThis(member));
  await withdrawInvitations(tx, member);
  await sendSessionsHome(tx, member.accountId, member.userId);
}

/**
 * Has sessions that act for an organization act for the own account of whose they are. The membership
 * has to be gone: whoever switches to the organization locks it.
 *
 * @param userId whose; everybody's where it is left out
 */
export async function sendSessionsHome(
  tx: Transaction,
  accountId: string,
  userId?: string,
): Promise<void> {
  const away = await tx
    .selectDistinct({ userId: sessions.userId, home: users.accountId })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .where(
      and(
        eq(sessions.accountId, accountId),
        userId === undefined ? undefined : eq(sessions.userId, userId),
      ),
    );
  for (const { userId: whose, home } of away) {
    await tx
      .update(sessions)
      .set({ accountId: home })
      .where(and(eq(sessions.userId, whose), eq(sessions.accountId, accountId)));
  }
}

export async function countMembers(tx: Transaction, accountId: string): Promise<number> {
  const [counted] = await tx
    .select({ members: count() })
    .from(memberships)
    .where(eq(memberships.accountId, accountId));
  return counted?.members ?? 0;
}

/** @throws owner_needed where a member is the last owner */
async function keepOwner(tx: Transaction, { accountId }: Member, role: string): Promise<void> {
  if (role !== 'owner') return;
  const [counted] = await tx
    .select({ owners: count() })
    .from(memberships)
    .where(and(eq(memberships.accountId, accountId), eq(memberships.role, 'owner')));
  if ((counted?.owners ?? 0) > 1) return;
  throw ownerNeeded({
    detail: 'Make somebody else an owner first, or hand the organization over.',
  });
}
