// What people see of an invitation. Whatever somebody has called an organization is text here.
import { html } from 'ghtml';
import { deadLinkPage, donePage, page } from '#app/domains/auth/account/pages/layout.ts';
import { service } from '#app/service.ts';
import { titleOf } from '../../roles.ts';
import type { Joined, OpenInvitation } from '../answers.ts';
import type { BrowserUser } from '../browser-user.ts';
import { invitationPath } from '../links.ts';

export const deadPage = deadLinkPage(
  'Ask whoever has invited you for another invitation, if you still want to join.',
);

/** What a page is about, and what was wrong with the form that was sent from it. */
export interface Shown {
  readonly token: string;
  readonly invitation: OpenInvitation;
  readonly signedIn: BrowserUser | undefined;
  readonly error?: string | undefined;
}

/** Who invites to what, and the ways to answer. */
export function invitationPage(shown: Shown): string {
  const { token, invitation } = shown;
  const { organization, invitedBy, role, email } = invitation;
  return page(
    `Join ${organization.name}`,
    html`<p>
        <b>${invitedBy}</b> invites <b>${email}</b> to join <b>${organization.name}</b> at
        ${service.name}, as ${titleOf(role)}.
      </p>
      !${ways(shown)}
      <form method="post" action="${invitationPath}/decline">
        !${hidden(token)}
        <button class="plain">Decline</button>
      </form>
      <p class="hint">If you do not know who this is, close this page.</p>`,
  );
}

export function joinedPage({ name }: Joined, email: string): string {
  return donePage(
    `You have joined ${name}`,
    `Sign in as ${email} to go on. You can close this page.`,
  );
}

export function declinedPage(): string {
  return donePage('You have declined', 'Nothing else happens. You can close this page.');
}

function ways(shown: Shown): string {
  const { invitation, signedIn } = shown;
  if (signedIn?.email === invitation.email) return acceptForm(shown);
  const elsewhere =
    signedIn === undefined
      ? ''
      : html`<p>
          You are signed in as <b>${signedIn.email}</b> in this browser, and this invitation is for
          <b>${invitation.email}</b>. Accept it as that, or not at all.
        </p>`;
  return `${elsewhere}${invitation.isRegistered ? signInForm(shown) : registrationForm(shown)}`;
}

function acceptForm({ token, error }: Shown): string {
  return html`<form method="post" action="${invitationPath}/accept">
    !${hidden(token)} !${refusal(error)}
    <button>Join</button>
  </form>`;
}

function signInForm({ token, invitation, error }: Shown): string {
  return html`<form method="post" action="${invitationPath}/sign-in">
    !${hidden(token)} !${username(invitation.email)} !${refusal(error)}
    <label for="password">The password of your account</label>
    <input
      type="password"
      id="password"
      name="password"
      required
      autocomplete="current-password"
      !${described(error)}
    />
    <label for="code">Code, if you have an authenticator app</label>
    <input type="text" id="code" name="code" maxlength="50" autocomplete="one-time-code" />
    <p class="hint"><a href="/auth/forgot-password">Forgotten your password?</a></p>
    <button>Sign in and join</button>
  </form>`;
}

function registrationForm({ token, invitation, error }: Shown): string {
  return html`<form method="post" action="${invitationPath}/register">
    !${hidden(token)} !${username(invitation.email)} !${refusal(error)}
    <label for="password">Choose a password</label>
    <input
      type="password"
      id="password"
      name="password"
      minlength="8"
      required
      autocomplete="new-password"
      !${described(error)}
    />
    <p class="hint">This makes an account for ${invitation.email}. At least 8 characters.</p>
    <button>Register and join</button>
  </form>`;
}

function hidden(token: string): string {
  return html`<input type="hidden" name="token" value="${token}" />`;
}

/** For programs that keep passwords. */
function username(email: string): string {
  return html`<input
    type="text"
    name=""
    value="${email}"
    autocomplete="username"
    hidden
    readonly
  />`;
}

function refusal(error: string | undefined): string {
  return error === undefined ? '' : html`<p class="error" id="error" role="alert">${error}</p>`;
}

function described(error: string | undefined): string {
  return error === undefined ? '' : 'aria-describedby="error" aria-invalid="true" autofocus';
}
