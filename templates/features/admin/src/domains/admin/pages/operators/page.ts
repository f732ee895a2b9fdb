import { html } from 'ghtml';
import { z } from 'zod';
import { lastOwner, operatorMissing } from '../../errors.ts';
import { by, type ListedOperator } from '../../operators/operators.ts';
import { roleNames } from '../../roles.ts';
import { facts } from '../components/facts.ts';
import { moment, section } from '../components/values.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { invitationShown, roleField, roleTitle, stateOf } from './shown.ts';

const params = z.object({ id: z.uuid() });

const shared = {
  params,
  permission: 'operators.change',
  sensitive: true,
  refusals: [lastOwner],
} as const;

const changeRole = defineAction({
  ...shared,
  label: 'Change the role',
  input: z.object({ role: z.enum(roleNames) }),
  fields: { role: roleField },
  done: 'The role is changed, and the sessions of this operator have ended.',
  run: ({ services, operator, params: { id }, input: { role } }) =>
    services.admin.operators.changeRole(id, role, by(operator)),
});

const disable = defineAction({
  ...shared,
  label: 'Disable',
  done: 'This operator is disabled, and signed out everywhere.',
  run: ({ services, operator, params: { id } }) =>
    services.admin.operators.disable(id, by(operator)),
});

const enable = defineAction({
  ...shared,
  label: 'Enable',
  done: 'This operator may sign in again.',
  run: ({ services, operator, params: { id } }) =>
    services.admin.operators.enable(id, by(operator)),
});

const reset = defineAction({
  ...shared,
  label: 'Reset and invite anew',
  confirm: 'Take away the password, the authenticator app, the recovery codes and all sessions',
  done: 'The invitation is made.',
  async run({ services: { admin, settings }, operator, params: { id } }) {
    const { token, email } = await admin.operators.reset(id, by(operator));
    return invitationShown(settings, token, email);
  },
});

export const operatorPage = defineAdminPage({
  path: '/operators/:id',
  title: ({ email }: ListedOperator) => email,
  permission: 'operators.read',
  params,
  async load({ services, params: { id } }) {
    const operators = await services.admin.operators.list();
    const found = operators.find((each) => each.id === id);
    if (found === undefined) throw operatorMissing();
    return found;
  },
  view: (shown, view) =>
    html`!${facts([
      ['Role', roleTitle(shown.role)],
      ['State', stateOf(shown)],
      ['Since', moment(shown.createdAt)],
    ])}
    !${view.may('operators.change') ? renderChanges(shown, view) : ''}`,
  actions: { 'change-role': changeRole, disable, enable, reset },
});

function renderChanges({ role, state }: ListedOperator, view: View): string {
  const isDisabled = state === 'disabled';
  return html`!${section('Role', view.form('change-role', { values: { role } }))}
  !${section(
    isDisabled ? 'Enable' : 'Disable',
    html`<p class="hint">
        ${isDisabled ? 'Lets this operator sign in again.' : 'Keeps the operator out at once.'}
      </p>
      !${view.form(isDisabled ? 'enable' : 'disable')}`,
  )}
  !${section(
    'Reset',
    html`<p class="hint">
        For who has lost the password or the authenticator app. You are shown a new invitation.
      </p>
      !${view.form('reset')}`,
  )}`;
}
