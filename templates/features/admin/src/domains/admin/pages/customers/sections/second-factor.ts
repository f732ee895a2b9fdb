import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm';
import { html } from 'ghtml';
import { recoveryCodes, totpFactors } from '#app/domains/auth/models.ts';
import { dropFactor } from '#app/domains/auth/second-factor/drop-factor.ts';
import { endSessionsOf } from '#app/domains/auth/sessions/end-sessions.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { sendMail } from '#app/platform/mail/send-mail.ts';
import { factorRemovedMail } from '../../../mails.ts';
import { actorOf } from '../../../operator.ts';
import { facts } from '../../components/facts.ts';
import { moment, text } from '../../components/values.ts';
import { defineAction } from '../../define-page.ts';
import { customerParams } from '../customer-params.ts';
import { lockCustomer } from '../customer.ts';
import { defineCustomerSection } from '../define-section.ts';

const confirmed = (userId: string) =>
  and(eq(totpFactors.userId, userId), isNotNull(totpFactors.confirmedAt));

const removeSecondFactor = defineAction({
  label: 'Remove the second factor',
  confirm: 'I have made sure that it is the customer who asks for this.',
  permission: 'customers.change',
  sensitive: true,
  params: customerParams,
  done: 'The second factor is removed, and the customer was told by mail.',
  run: ({ services, operator, params: { id } }) =>
    services.database.transaction(async (tx) => {
      const { email } = await lockCustomer(tx, id);
      const [factor] = await tx
        .select({ userId: totpFactors.userId })
        .from(totpFactors)
        .where(confirmed(id));
      if (factor === undefined) return;
      await dropFactor(tx, id);
      await endSessionsOf(tx, id, { revocations: services.auth.revocations });
      await sendMail(services.outbox, tx, factorRemovedMail(email));
      recordAct(tx, {
        actor: actorOf(operator),
        action: 'user.second_factor_disabled',
        subject: `user:${id}`,
      });
    }),
});

/** The authenticator app, for a customer who has lost it. */
export const secondFactorSection = defineCustomerSection({
  title: 'Second factor',
  permission: 'customers.read',
  async load({ database: { queries } }, { id }) {
    const [factor] = await queries
      .select({ confirmedAt: totpFactors.confirmedAt })
      .from(totpFactors)
      .where(confirmed(id));
    const [codes] = await queries
      .select({ left: sql<number>`COUNT(*)` })
      .from(recoveryCodes)
      .where(and(eq(recoveryCodes.userId, id), isNull(recoveryCodes.usedAt)));
    return factor && { since: factor.confirmedAt, codesLeft: codes?.left ?? 0 };
  },
  view: (factor, view) =>
    factor === undefined
      ? html`<p class="empty">No authenticator app is set up.</p>`
      : html`!${facts([
          ['Set up', moment(factor.since)],
          ['Recovery codes left', text(factor.codesLeft)],
        ])}
        !${view.form('remove-second-factor')}`,
  actions: { 'remove-second-factor': removeSecondFactor },
});
