// Addresses that are to get no mail, or get it again, as the audit log has it.
import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Transaction } from '#app/database/transaction.ts';
import { users } from '#app/domains/auth/models.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { allow, suppress, type SuppressionReason } from '#app/platform/email/suppressions.ts';

/**
 * Has an address get no more mail, and records that.
 *
 * @param act.actor who has decided it, as in `Act`
 * @param act.happenedAt when what speaks against it happened
 * @returns false where nothing has changed
 */
export async function suppressAddress(
  tx: Transaction,
  act: { address: string; reason: SuppressionReason; actor: string; happenedAt?: Date },
): Promise<boolean> {
  const { actor, ...input } = act;
  if (!(await suppress(tx, input))) return false;
  recordAct(tx, {
    actor,
    action: 'email.suppressed',
    subject: await subjectOf(tx, input.address),
    detail: { reason: input.reason },
  });
  return true;
}

/**
 * Has an address get mail again, and records that.
 *
 * @returns false where it was not suppressed
 */
export async function allowAddress(
  tx: Transaction,
  { address, actor }: { address: string; actor: string },
): Promise<boolean> {
  if (!(await allow(tx, address))) return false;
  recordAct(tx, { actor, action: 'email.allowed', subject: await subjectOf(tx, address) });
  return true;
}

/** Whose address it is. Nobody's is a hash: what the audit log holds can never be removed from it. */
async function subjectOf(tx: Transaction, address: string): Promise<string> {
  const [user] = await tx.select({ id: users.id }).from(users).where(eq(users.email, address));
  if (user !== undefined) return `user:${user.id}`;
  return `address:${createHash('sha256').update(address).digest('hex')}`;
}
