import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { users } from '#app/domains/auth/models.ts';
import { notFound } from '#app/http/errors.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import type { Outbox } from '#app/platform/outbox/outbox.ts';
import type { InPerson, PersonalProof } from '../in-person.ts';
import { ownerMail } from '../mails.ts';
import { requireOrganization } from '../organization-lock.ts';
import { formerOwnerRole } from '../roles.ts';
import { requireMay, roleOf, setRole, type Member } from './memberships.ts';

export interface Transfer {
  /**
   * Makes another member an owner in one's own place. There is an owner at every moment.
   *
   * @throws not_found where the other is no member, or oneself; role_insufficient; as `InPerson`
   */
  handOver(who: Member, userId: string, proof: PersonalProof): Promise<void>;
}

export function openTransfer(deps: {
  database: Database;
  outbox: Outbox;
  inPerson: InPerson;
}): Transfer {
  return {
    handOver: (who, userId, proof) =>
      deps.inPerson(who.userId, proof, async (tx) => {
        const { accountId } = who;
        const organization = await requireOrganization(tx, accountId);
        await requireMay(tx, who, 'organization:transfer');
        const member = { accountId, userId };
        const from = await roleOf(tx, member);
        if (from === undefined || userId === who.userId) throw notFound();
        const own = (await roleOf(tx, who)) ?? '';
        await setRole(tx, member, { from, to: 'owner' });
        await setRole(tx, who, { from: own, to: formerOwnerRole });
        const [user] = await tx
          .select({ email: users.email })
          .from(users)
          .where(eq(users.id, userId));
        if (user !== undefined)
          await sendMail(deps.outbox, tx, ownerMail(user.email, organization));
        recordAct(tx, {
          actor: `user:${who.userId}`,
          action: 'organization.transferred',
          subject: `account:${accountId}`,
          detail: { to: userId },
        });
      }),
  };
}
