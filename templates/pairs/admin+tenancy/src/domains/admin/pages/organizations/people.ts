// Who belongs to an organization, and who was asked to.
import { html } from 'ghtml';
import { z } from 'zod';
import { ownerNeeded } from '#app/domains/organizations/errors.ts';
import {
  revokeInvitation,
  type Invitation,
} from '#app/domains/organizations/invitations/invitations.ts';
import {
  changeRole,
  removeMember,
  type ListedMember,
} from '#app/domains/organizations/members/members.ts';
import { roleNames, roles, titleOf } from '#app/domains/organizations/roles.ts';
import { notFound } from '#app/http/errors.ts';
import { actorOf } from '../../operator.ts';
import { table } from '../components/table.ts';
import { link, moment, state, text } from '../components/values.ts';
import { defineAction, type View } from '../define-page.ts';
import { organizationParams as params } from './params.ts';

/** Members and invitations that are listed at most. */
export const listed = 200;

const permission = 'organizations.change';

export const peopleActions = {
  'change-role': defineAction({
    label: 'Change the role',
    permission,
    sensitive: true,
    params,
    input: z.object({ user: z.uuid(), role: z.enum(roleNames) }),
    fields: {
      role: {
        kind: 'select',
        label: 'Role',
        options: roleNames.map((value) => ({ value, label: roles[value].title })),
      },
    },
    done: 'The role is changed.',
    refusals: [ownerNeeded, notFound],
    run: ({ services, operator, params: { id: accountId }, input }) =>
      services.database.transaction((tx) => {
        const changed = { userId: input.user, role: input.role };
        return changeRole(tx, { accountId, actor: actorOf(operator) }, changed);
      }),
  }),
  'remove-member': defineAction({
    label: 'Remove',
    confirm: 'Remove this member, who is told by mail.',
    permission,
    sensitive: true,
    params,
    input: z.object({ user: z.uuid() }),
    done: 'The member is removed, and was told by mail.',
    refusals: [ownerNeeded, notFound],
    run: ({ services, operator, params: { id: accountId }, input }) =>
      services.database.transaction((tx) =>
        removeMember(services, tx, { accountId, actor: actorOf(operator) }, input.user),
      ),
  }),
  'revoke-invitation': defineAction({
    label: 'Revoke',
    permission,
    params,
    input: z.object({ invitation: z.uuid() }),
    done: 'The invitation is revoked.',
    refusals: [notFound],
    run: ({ services, operator, params: { id: accountId }, input }) =>
      services.database.transaction((tx) =>
        revokeInvitation(tx, { accountId, actor: actorOf(operator) }, input.invitation),
      ),
  }),
};

export function memberTable(members: readonly ListedMember[], view: View): string {
  const columns = [
    {
      title: 'E-mail',
      cell: ({ userId, email }: ListedMember) => link(`/admin/customers/${userId}`, email),
    },
    { title: 'Role', cell: ({ role }: ListedMember) => text(titleOf(role)) },
    { title: 'Joined', cell: ({ createdAt }: ListedMember) => moment(createdAt) },
    {
      title: 'Change',
      cell: ({ userId, email, role }: ListedMember) =>
        html`<details>
          <summary>Change</summary>
          !${view.form('change-role', { key: userId, values: { user: userId, role }, about: email })}
          !${view.form('remove-member', { key: userId, values: { user: userId }, about: email })}
        </details>`,
    },
  ].filter(({ title }) => title !== 'Change' || view.may(permission));
  return html`!${table(members, columns, { caption: 'Members', empty: 'It has no members.' })}
  !${more(members)}`;
}

export function invitationTable(invitations: readonly Invitation[], view: View): string {
  const columns = [
    { title: 'E-mail', cell: ({ email }: Invitation) => text(email) },
    { title: 'Role', cell: ({ role }: Invitation) => text(titleOf(role)) },
    { title: 'Invited by', cell: ({ invitedBy }: Invitation) => text(invitedBy) },
    { title: 'First sent', cell: ({ createdAt }: Invitation) => moment(createdAt) },
    {
      title: 'State',
      cell: ({ isExpired, expiresAt }: Invitation) =>
        isExpired ? state('expired') : html`open until !${moment(expiresAt)}`,
    },
    {
      title: 'Revoke',
      cell: ({ id, email }: Invitation) =>
        view.form('revoke-invitation', { key: id, values: { invitation: id }, about: email }),
    },
  ].filter(({ title }) => title !== 'Revoke' || view.may(permission));
  const about = { caption: 'Invitations', empty: 'No invitation is under way.' };
  return html`!${table(invitations, columns, about)} !${more(invitations)}`;
}

function more({ length }: readonly unknown[]): string {
  return length < listed ? '' : html`<p class="hint">There may be more: these are ${listed}.</p>`;
}
