import { html } from 'ghtml';
import { z } from 'zod';
import { notFound } from '#app/http/errors.ts';
import { permissionDenied } from '../../../errors.ts';
import { alreadyActing, subjectIsOperator } from '../../../impersonation/errors.ts';
import { Reason } from '../../../impersonation/impersonation.ts';
import { latestOf, type PastImpersonation } from '../../../impersonation/latest.ts';
import { table } from '../../components/table.ts';
import { link, moment, state, text } from '../../components/values.ts';
import { defineAction, type View } from '../../define-page.ts';
import { customerParams } from '../customer-params.ts';
import { defineCustomerSection } from '../define-section.ts';

export const impersonationSection = defineCustomerSection({
  title: 'Impersonation',
  permission: 'customers.read',
  load: ({ database }, { id }) => latestOf(database.queries, id),
  view: (latest, view) =>
    html`!${renderBeginning(view)}
    !${table(
      latest,
      [
        { title: 'Began', cell: ({ createdAt }) => moment(createdAt) },
        { title: 'Ended', cell: renderEnd },
        { title: 'Operator', cell: ({ operator }) => text(operator) },
        { title: 'Reason', cell: ({ reason }) => text(reason) },
      ],
      {
        caption: 'Who has acted in this customer’s place',
        empty: 'Nobody has acted in this customer’s place.',
      },
    )}`,
  actions: {
    impersonate: defineAction({
      label: 'Act in their place',
      confirm: 'I have a reason that I could tell this customer.',
      permission: 'customers.impersonate',
      sensitive: true,
      params: customerParams,
      input: z.object({ reason: Reason }),
      fields: {
        reason: {
          kind: 'textarea',
          label: 'Reason',
          hint: 'It is kept with the customer, and in the audit log: a ticket, what they asked for.',
          maxLength: 500,
        },
      },
      done: 'You act in this customer’s place.',
      refusals: [alreadyActing, subjectIsOperator, permissionDenied, notFound],
      async run({ services, operator, params, input }) {
        const { impersonation } = services.admin;
        const cookie = await impersonation.begin(operator, params.id, input.reason);
        return { to: '/admin/impersonation', headers: { 'Set-Cookie': cookie } };
      },
    }),
  },
});

function renderBeginning(view: View): string {
  if (view.operator.impersonation !== undefined) {
    return html`<p>You !${link('/admin/impersonation', 'act in a customer’s place')} already.</p>`;
  }
  if (!view.may('customers.impersonate')) return '';
  return html`<p>
      For 30 minutes you can use the API as this customer, but for what takes them in person: their
      credentials, their sessions and their money. They see it among their sessions, and can end it.
    </p>
    !${view.form('impersonate')}`;
}

function renderEnd({ endedAt, isOver }: PastImpersonation): string {
  return isOver === 0 ? state('runs', 'bad') : moment(endedAt);
}
