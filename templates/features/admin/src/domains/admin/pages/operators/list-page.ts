import { html } from 'ghtml';
import { z } from 'zod';
import { Email } from '#app/domains/auth/schemas.ts';
import { operatorExists } from '../../errors.ts';
import { by } from '../../operators/operators.ts';
import { roleNames } from '../../roles.ts';
import { table } from '../components/table.ts';
import { link, moment, section } from '../components/values.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { invitationShown, roleField, roleTitle, stateOf } from './shown.ts';

const invite = defineAction({
  label: 'Invite',
  permission: 'operators.change',
  sensitive: true,
  input: z.object({ email: Email, role: z.enum(roleNames) }),
  fields: {
    email: { kind: 'email', label: 'E-mail address', maxLength: 254 },
    role: roleField,
  },
  done: 'The invitation is made.',
  refusals: [operatorExists],
  async run({ services: { admin, settings }, operator, input }) {
    const { token } = await admin.operators.invite(input, by(operator));
    return invitationShown(settings, token, input.email);
  },
});

export const operatorsPage = defineAdminPage({
  path: '/operators',
  title: 'Operators',
  navigation: 'Operators',
  permission: 'operators.read',
  load: ({ services }) => services.admin.operators.list(),
  view: (operators, view) =>
    html`!${table(
      operators,
      [
        { title: 'Address', cell: ({ id, email }) => link(`/admin/operators/${id}`, email) },
        { title: 'Role', cell: ({ role }) => roleTitle(role) },
        { title: 'State', cell: stateOf },
        { title: 'Since', cell: ({ createdAt }) => moment(createdAt) },
      ],
      { caption: 'Who may enter the admin area', empty: 'There is nobody.' },
    )}
    !${view.may('operators.change') ? section('Invite somebody', inviteForm(view)) : ''}`,
  actions: { invite },
});

/** With the role that may least: who is to have more is given it. */
function inviteForm(view: View): string {
  return view.form('invite', { values: { role: 'read-only' } });
}
