import { and, eq, isNotNull, notInArray } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { emailNotVerified } from '#app/domains/auth/errors.ts';
import { users } from '#app/domains/auth/models.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { invitations } from '../models.ts';
import { covers, may, roleNames } from '../roles.ts';

/**
 * Makes sure that whoever sends an invitation has the address by which it names them: to a stranger
 * that is all there is to go by.
 *
 * @throws email_not_verified
 */
export async function requireVerified(tx: Transaction, userId: string): Promise<void> {
  const verified = await tx
    .select({ id: users.id })
    .from(users)
    .where(and(eq(users.id, userId), isNotNull(users.emailVerifiedAt)));
  if (verified.length > 0) return;
  throw emailNotVerified({
    detail: 'Follow the link in the mail that was sent to your address first.',
  });
}

/**
 * Ends the invitations that a member has sent and could send no more: who is put out, or may less
 * from now on, is not to come back by another address. The organization has to be locked.
 *
 * @param role the one that the member has from now on; left out where they are a member no more
 */
export async function withdrawInvitations(
  tx: Transaction,
  { accountId, userId }: { readonly accountId: string; readonly userId: string },
  role = '',
): Promise<void> {
  const kept = may(role, 'members:invite') ? roleNames.filter((each) => covers(role, each)) : [];
  const withdrawn = and(
    eq(invitations.accountId, accountId),
    eq(invitations.invitedBy, userId),
    kept.length === 0 ? undefined : notInArray(invitations.role, kept),
  );
  const found = await tx.select({ id: invitations.id }).from(invitations).where(withdrawn);
  if (found.length === 0) return;
  await tx.delete(invitations).where(withdrawn);
  for (const { id } of found) {
    recordAct(tx, {
      actor: 'system',
      action: 'organization.invitation_withdrawn',
      subject: `account:${accountId}`,
      detail: { invitationId: id, invitedBy: userId },
    });
  }
}
