// What the pages about operators have in common.
import { html } from 'ghtml';
import type { ListedOperator, OperatorState } from '../../operators/operators.ts';
import { invitationHours, invitationLink } from '../../operators/invitations.ts';
import { roleNames, roles, type RoleName } from '../../roles.ts';
import type { AdminSettings } from '../../settings.ts';
import { link, state, text } from '../components/values.ts';
import type { Field } from '../define-page.ts';

export const roleField: Field = {
  kind: 'select',
  label: 'Role',
  options: roleNames.map((name) => ({ value: name, label: roles[name].title })),
};

export const roleTitle = (role: RoleName): string => text(roles[role].title);

const moods = {
  active: 'good',
  invited: 'plain',
  'invitation expired': 'bad',
  disabled: 'bad',
} as const satisfies Record<OperatorState, string>;

export function stateOf({ state: name }: Pick<ListedOperator, 'state'>): string {
  return state(name, moods[name]);
}

/** The link of an invitation, which is shown this once. */
export function invitationShown(
  settings: AdminSettings & { APP_ORIGIN: string },
  token: string,
  email: string,
) {
  const content = html`<p>
      Give this link to <strong>${email}</strong> in a way that nobody else reads. It works once,
      for ${invitationHours} hours, and is not shown again.
    </p>
    <pre class="link"><code>${invitationLink(settings, token)}</code></pre>
    <p>!${link('/admin/operators', 'To the operators')}</p>`;
  return { title: 'Invitation', content };
}
