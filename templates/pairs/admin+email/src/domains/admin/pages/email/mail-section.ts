import { html } from 'ghtml';
import { allowAddress } from '#app/domains/email/suppression-acts.ts';
import { findSuppression } from '#app/platform/email/suppressions.ts';
import { actorOf } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { moment, state, text } from '../components/values.ts';
import { defineAction } from '../define-page.ts';
import { customerParams } from '../customers/customer-params.ts';
import { lockCustomer } from '../customers/customer.ts';
import { defineCustomerSection } from '../customers/define-section.ts';
import { reasonTexts } from './values.ts';

const allowMail = defineAction({
  label: 'Allow mail again',
  permission: 'suppressions.change',
  params: customerParams,
  done: 'Mails are sent to this address again. Those that were left out do not come afterwards.',
  run: ({ services, operator, params: { id } }) =>
    services.database.transaction(async (tx) => {
      const { email } = await lockCustomer(tx, id);
      await allowAddress(tx, { address: email, actor: actorOf(operator) });
    }),
});

/** Whether mails go to the customer's address at all. */
export const mailSection = defineCustomerSection({
  title: 'Mail',
  permission: 'customers.read',
  load: ({ database: { queries } }, { email }) => findSuppression(queries, email),
  view: (suppression, view) =>
    suppression === undefined
      ? html`<p>Mails are sent to this address.</p>`
      : html`!${facts([
          ['State', state('gets no mail', 'bad')],
          ['Because', text(reasonTexts[suppression.reason])],
          ['Since', moment(suppression.suppressedAt)],
        ])}
        !${view.form('allow-mail')}`,
  actions: { 'allow-mail': allowMail },
});
