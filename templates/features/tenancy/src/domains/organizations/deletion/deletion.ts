import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { users } from '#app/domains/auth/models.ts';
import type { ErrorKind } from '#app/errors.ts';
import type { Log } from '#app/log.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { InPerson, PersonalProof } from '../in-person.ts';
import { deletedMail } from '../mails.ts';
import { requireMay, sendSessionsHome, type Member } from '../members/memberships.ts';
import { invitations, memberships, organizations } from '../models.ts';
import { requireOrganization, type LockedOrganization } from '../organization-lock.ts';
import { deletionChecks } from './checks.ts';
import { purgeDeleted } from './purge.ts';

/** Milliseconds between looks at what another process has left half removed. */
const pause = 60_000;

/** What has to be ended before an organization can go. */
export interface DeletionCheck {
  /** The errors that say so. */
  readonly errors: readonly ErrorKind[];
  /** @throws one of them */
  check(tx: Transaction, accountId: string): Promise<void>;
}

const checks: readonly DeletionCheck[] = Object.values(deletionChecks);

/** The errors by which an organization is kept, until something was ended. */
export const deletionErrors: readonly ErrorKind[] = checks.flatMap(({ errors }) => errors);

export interface Deletion {
  /**
   * Deletes an organization: it has no members any more when this is committed, and all that it has
   * stored is removed after that.
   *
   * @throws not_found, role_insufficient; one of `deletionErrors`; as `InPerson`
   */
  delete(who: Member, proof: PersonalProof): Promise<void>;
  /**
   * The same, by an operator.
   *
   * @param actor as the audit log calls them
   * @throws not_found; one of `deletionErrors`
   */
  deleteFor(actor: string, accountId: string): Promise<void>;
  close(): Promise<void>;
}

export function openDeletion(deps: {
  log: Log;
  database: Database;
  outbox: Outbox;
  inPerson: InPerson;
}): Deletion {
  const { log, database, outbox, inPerson } = deps;
  const loop = startLoop({ name: 'organization deletion', pause, log }, (closing) =>
    purgeDeleted(database, closing),
  );

  async function begin(
    tx: Transaction,
    organization: LockedOrganization,
    actor: string,
  ): Promise<void> {
    const { accountId, name } = organization;
    for (const each of checks) await each.check(tx, accountId);
    const owners = await ownersOf(tx, accountId);
    await tx.delete(invitations).where(eq(invitations.accountId, accountId));
    await tx.delete(memberships).where(eq(memberships.accountId, accountId));
    await sendSessionsHome(tx, accountId);
    await tx
      .update(organizations)
      .set({ state: 'deleted' })
      .where(and(eq(organizations.accountId, accountId), eq(organizations.state, 'active')));
    for (const email of owners) await sendMail(outbox, tx, deletedMail(email, organization));
    const subject = `account:${accountId}`;
    recordAct(tx, { actor, action: 'organization.deleted', subject, detail: { name } });
    tx.afterCommit(() => loop.wake());
  }

  return {
    delete: (who, proof) =>
      inPerson(who.userId, proof, async (tx) => {
        const organization = await requireOrganization(tx, who.accountId);
        await requireMay(tx, who, 'organization:delete');
        await begin(tx, organization, `user:${who.userId}`);
      }),
    deleteFor: (actor, accountId) =>
      database.transaction(async (tx) => {
        await begin(tx, await requireOrganization(tx, accountId), actor);
      }),
    close: () => loop.close(),
  };
}

async function ownersOf(tx: Transaction, accountId: string): Promise<string[]> {
  const owners = await tx
    .select({ email: users.email })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(memberships.accountId, accountId), eq(memberships.role, 'owner')));
  return owners.map(({ email }) => email);
}
