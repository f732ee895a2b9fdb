import { desc, eq, sql } from 'drizzle-orm';
import { html } from 'ghtml';
import { z } from 'zod';
import { now } from '#app/database/clock.ts';
import { endEmailTokens } from '#app/domains/auth/account/email-tokens.ts';
import { tooManyAttempts } from '#app/domains/auth/errors.ts';
import { emailTokens } from '#app/domains/auth/models.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { actorOf } from '../../../operator.ts';
import { table } from '../../components/table.ts';
import { moment, state, text } from '../../components/values.ts';
import { defineAction, type View } from '../../define-page.ts';
import { customerParams } from '../customer-params.ts';
import { lockCustomer, readCustomer } from '../customer.ts';
import { defineCustomerSection, type Customer } from '../define-section.ts';

const purposes = emailTokens.purpose.enumValues;
/** Links that are listed at most. */
const listed = 20;

const titles: Readonly<Record<(typeof purposes)[number], string>> = {
  verify: 'Verify the address',
  reset: 'Set a new password',
  change: 'Use another address',
};

const voidLinks = defineAction({
  label: 'Void',
  permission: 'customers.change',
  params: customerParams,
  input: z.object({ purpose: z.enum(purposes) }),
  done: 'These links do not work any more.',
  run: ({ services, operator, params: { id }, input: { purpose } }) =>
    services.database.transaction(async (tx) => {
      await lockCustomer(tx, id);
      if ((await endEmailTokens(tx, id, [purpose])) === 0) return;
      recordAct(tx, {
        actor: actorOf(operator),
        action: 'user.links_voided',
        subject: `user:${id}`,
        detail: { purpose },
      });
    }),
});

const sendVerification = defineAction({
  label: 'Send a link that verifies the address',
  permission: 'customers.change',
  params: customerParams,
  done: 'The mail is on its way. Older links of that kind do not work any more.',
  refusals: [tooManyAttempts],
  run: ({ services, operator, params: { id } }) =>
    services.auth.emailVerification.resend(id, actorOf(operator)),
});

const sendReset = defineAction({
  label: 'Send a link that sets a new password',
  permission: 'customers.change',
  params: customerParams,
  done: 'The mail is on its way. Older links of that kind do not work any more.',
  refusals: [tooManyAttempts],
  async run({ services, operator, params: { id }, from }) {
    const { email } = await readCustomer(services.database.queries, id);
    await services.auth.passwordReset.forgot(email, from.ip, actorOf(operator));
  },
});

/** What was sent to the customer's addresses and signs in, or changes what does. */
export const linksSection = defineCustomerSection({
  title: 'Links in mails',
  permission: 'customers.read',
  load: ({ database: { queries } }, { id }) =>
    queries
      .select({
        purpose: emailTokens.purpose,
        email: emailTokens.email,
        createdAt: emailTokens.createdAt,
        expiresAt: emailTokens.expiresAt,
        usedAt: emailTokens.usedAt,
        isExpired: sql<number>`${emailTokens.expiresAt} <= ${now}`,
      })
      .from(emailTokens)
      .where(eq(emailTokens.userId, id))
      .orderBy(desc(emailTokens.createdAt))
      .limit(listed),
  view: (links, view, customer) =>
    html`!${table(links, columnsFor(view, customer), {
        caption: 'Links in mails',
        empty: 'No link is under way.',
      })}
      <div class="actions">
        !${customer.emailVerifiedAt === null ? view.form('send-verification') : ''}
        !${view.form('send-reset')}
      </div>`,
  actions: {
    'void-links': voidLinks,
    'send-verification': sendVerification,
    'send-reset': sendReset,
  },
});

interface Link {
  readonly purpose: (typeof purposes)[number];
  readonly email: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly isExpired: number;
}

function columnsFor(view: View, customer: Customer) {
  const works = ({ purpose, email, usedAt, isExpired }: Link): boolean =>
    usedAt === null && isExpired === 0 && (purpose === 'change' || email === customer.email);
  return [
    { title: 'For', cell: ({ purpose }: Link) => text(titles[purpose]) },
    { title: 'Sent to', cell: ({ email }: Link) => text(email) },
    { title: 'Sent', cell: ({ createdAt }: Link) => moment(createdAt) },
    {
      title: 'State',
      cell: (link: Link) => {
        if (link.usedAt !== null) return html`used !${moment(link.usedAt)}`;
        if (!works(link)) return state('works no more');
        return html`works until !${moment(link.expiresAt)}`;
      },
    },
    {
      title: 'Void',
      cell: (link: Link) =>
        works(link)
          ? view.form('void-links', {
              key: link.purpose,
              values: { purpose: link.purpose },
              about: titles[link.purpose],
            })
          : '',
    },
  ].filter(({ title }) => title !== 'Void' || view.may('customers.change'));
}
