// Where operators see to their own sign-in.
import { html } from 'ghtml';
import { z } from 'zod';
import {
  signInBusy,
  tooManyAttempts,
  weakPassword,
  wrongPassword,
} from '#app/domains/auth/errors.ts';
import { outcomeOf } from '#app/domains/auth/account/pages/outcome.ts';
import { NewPassword, Password } from '#app/domains/auth/schemas.ts';
import { wrongFirstCode } from '../../errors.ts';
import type { Operator } from '../../operator.ts';
import type { Offer } from '../../operators/factor.ts';
import type { OwnSession } from '../../operators/own-sign-in.ts';
import { offeredSecret, recoveryCodeList } from '../components/authenticator.ts';
import { facts } from '../components/facts.ts';
import { renderForm } from '../components/form.ts';
import { table } from '../components/table.ts';
import { moment, section, state, text } from '../components/values.ts';
import { defineAction, defineAdminPage, type View } from '../define-page.ts';
import { roleTitle } from './shown.ts';

const path = '/admin/me';

const endSession = defineAction({
  label: 'End',
  permission: 'own.change',
  input: z.object({ id: z.uuid() }),
  done: 'The session has ended.',
  run: ({ services, operator, input: { id } }) => services.admin.own.endSession(operator, id),
});

const changePassword = defineAction({
  label: 'Change the password',
  permission: 'own.change',
  sensitive: true,
  input: z.object({ currentPassword: Password, password: NewPassword }),
  fields: {
    currentPassword: {
      kind: 'password',
      label: 'Current password',
      autocomplete: 'current-password',
      maxLength: 128,
    },
    password: {
      kind: 'password',
      label: 'New password',
      hint: 'At least 8 characters. You sign in with it again afterwards, on every device.',
      autocomplete: 'new-password',
      maxLength: 128,
    },
  },
  done: 'The password is changed.',
  refusals: [wrongPassword, weakPassword, tooManyAttempts, signInBusy],
  async run({ services, operator, input: { currentPassword, password } }) {
    await services.admin.own.changePassword(operator, currentPassword, password);
    return { to: '/admin/sign-in?done=password-changed' };
  },
});

const renewCodes = defineAction({
  label: 'Make new recovery codes',
  permission: 'own.change',
  sensitive: true,
  done: 'The recovery codes are new.',
  async run({ services, operator }) {
    const codes = await services.admin.own.renewRecoveryCodes(operator);
    return {
      title: 'Your recovery codes',
      content: html`!${recoveryCodeList(codes)}
        <p><a class="button" href="${path}">I have kept them, go on</a></p>`,
    };
  },
});

const replaceApp = defineAction({
  label: 'Set up another app',
  permission: 'own.change',
  sensitive: true,
  done: '',
  run: async ({ services, operator }) =>
    offerPage(operator, services.admin.own.offerFactor(operator)),
});

const confirmApp = defineAction({
  label: 'Use this app from now on',
  permission: 'own.change',
  sensitive: true,
  input: z.object({ offer: z.string().max(1000), code: z.string().max(50) }),
  fields: {
    code: {
      kind: 'text',
      label: 'Code that the new app shows',
      inputMode: 'numeric',
      autocomplete: 'one-time-code',
      maxLength: 10,
    },
  },
  done: 'The app is replaced.',
  async run({ services, operator, input: { offer, code } }) {
    const { own } = services.admin;
    const { refusal, result } = await outcomeOf(
      own.replaceFactor(operator, offer, code),
      wrongFirstCode,
    );
    if (refusal !== undefined) {
      return offerPage(operator, own.offerFactor(operator, offer), refusal.message);
    }
    return {
      title: 'Your recovery codes',
      content: html`!${recoveryCodeList(result)}
        <p>The ones that you had are void, and all your sessions have ended.</p>
        <p><a class="button" href="/admin/sign-in">I have kept them, sign in again</a></p>`,
    };
  },
});

export const ownPage = defineAdminPage({
  path: '/me',
  title: 'Your sign-in',
  permission: 'own.read',
  load: ({ services, operator }) => services.admin.own.sessions(operator),
  view: (sessions, view) =>
    html`!${facts([
      ['Address', text(view.operator.email)],
      ['Role', roleTitle(view.operator.role)],
    ])}
    !${section('Sessions', renderSessions(sessions, view))}
    !${section('Password', view.form('change-password'))}
    !${section(
      'Recovery codes',
      html`<p class="hint">Ten new ones; those that you have left are void then.</p>
        !${view.form('renew-codes')}`,
    )}
    !${section(
      'Authenticator app',
      html`<p class="hint">Another takes the place of the one that you have.</p>
        !${view.form('replace-app')}`,
    )}`,
  actions: {
    'end-session': endSession,
    'change-password': changePassword,
    'renew-codes': renewCodes,
    'replace-app': replaceApp,
    'confirm-app': confirmApp,
  },
});

function renderSessions(sessions: readonly OwnSession[], view: View): string {
  return table(
    sessions,
    [
      { title: 'Began', cell: ({ createdAt }) => moment(createdAt) },
      { title: 'Last used', cell: ({ lastUsedAt }) => moment(lastUsedAt) },
      { title: 'From', cell: ({ ip }) => text(ip) },
      { title: 'Browser', cell: ({ userAgent }) => text(userAgent) },
      {
        title: 'End it',
        cell: ({ id, createdAt }) =>
          id === view.operator.sessionId
            ? state('this one')
            : view.form('end-session', {
                key: id,
                values: { id },
                about: `the session that began ${createdAt.toISOString()}`,
              }),
      },
    ],
    { caption: 'Where you are signed in', empty: 'There is none.' },
  );
}

function offerPage(operator: Operator, offer: Offer, error?: string) {
  const form = renderForm({
    name: 'confirm-app',
    action: confirmApp,
    path,
    operator,
    attempt:
      error === undefined
        ? undefined
        : { action: 'confirm-app', key: '', values: {}, errors: { code: error } },
    options: { values: { offer: offer.sealed } },
  });
  return {
    title: 'Set up another app',
    content: html`!${offeredSecret(offer)} !${form}
      <p><a href="${path}">Keep the one that you have</a></p>`,
  };
}
