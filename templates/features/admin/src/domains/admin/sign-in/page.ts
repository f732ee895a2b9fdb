import { html } from 'ghtml';
import { signInPath } from '../errors.ts';
import { formError, renderField } from '../pages/components/form.ts';

/** What brought somebody here, by the `done` of the address. */
const notices: ReadonlyMap<string, string> = new Map([
  ['signed-out', 'You are signed out.'],
  ['session-ended', 'Your session has ended. What you sent after that was not done.'],
  ['password-changed', 'Your password is changed. Sign in with it.'],
]);

export function signInPage(shown: { email?: string; error?: string; done?: string | undefined }) {
  const { email = '', error, done = '' } = shown;
  const content = html`<form method="post" action="${signInPath}" class="stacked">
    !${formError(error)}
    !${renderField(
      { kind: 'email', label: 'E-mail address', autocomplete: 'username', maxLength: 254 },
      { id: 'email', name: 'email', value: email, error: undefined },
    )}
    !${renderField(
      { kind: 'password', label: 'Password', autocomplete: 'current-password', maxLength: 128 },
      { id: 'password', name: 'password', value: '', error: undefined },
    )}
    !${renderField(
      {
        kind: 'text',
        label: 'Code',
        hint: 'Six digits of your authenticator app, or a recovery code.',
        autocomplete: 'one-time-code',
        maxLength: 50,
      },
      { id: 'code', name: 'code', value: '', error: undefined },
    )}
    <button>Sign in</button>
  </form>`;
  return { title: 'Sign in', content, notice: notices.get(done) };
}
