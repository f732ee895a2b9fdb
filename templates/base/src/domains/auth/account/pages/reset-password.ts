import { html as markup } from 'ghtml';
import { form, html, open, reply, route, type Route } from '#app/http/route.ts';
import { isFromAnotherSite } from '#app/http/same-origin.ts';
import { invalidLink, signInBusy, weakPassword } from '../../errors.ts';
import { NewPassword } from '../../schemas.ts';
import type { AuthService } from '../../service.ts';
import { tokenCookies, type CookieSettings } from '../../sign-in/token-cookies.ts';
import { deadLinkPage, fieldState, donePage, fieldError, fromElsewhere, page } from './layout.ts';
import { outcomeOf } from './outcome.ts';
import { LinkQuery, PasswordForm } from './schemas.ts';

const path = '/auth/reset-password';
const deadLink = deadLinkPage('<a href="/auth/forgot-password">Send me another link</a>');

/** Mail programs follow links before people do: only the button on the page changes anything. */
export function resetPasswordPages(auth: AuthService, settings: CookieSettings): Route[] {
  const cookies = tokenCookies(settings);
  return [
    route({
      method: 'get',
      path,
      summary: 'Show the page that a link to a new password leads to',
      guard: open,
      query: LinkQuery,
      answers: { 200: html(), 410: html() },
      handler: async ({ query: { token } }) => {
        const email = await auth.addressOf('reset', token);
        return email === undefined ? reply(410, deadLink) : reply(200, askPage({ token, email }));
      },
    }),
    route({
      method: 'post',
      path,
      summary: 'Set a new password from that page',
      guard: open,
      body: form(PasswordForm),
      answers: { 200: html(), 403: html(), 410: html(), 422: html(), 503: html() },
      handler: async ({ body: { token, password }, request }) => {
        const email = await auth.addressOf('reset', token);
        if (email === undefined) return reply(410, deadLink);

        // It would give the browser a cookie.
        if (isFromAnotherSite(request.headers, settings)) {
          return reply(403, askPage({ token, email, error: fromElsewhere }));
        }
        const chosen = NewPassword.safeParse(password);
        if (!chosen.success) {
          const [issue] = chosen.error.issues;
          return reply(422, askPage({ token, email, error: `${issue?.message}.` }));
        }
        const { refusal, result } = await outcomeOf(
          auth.passwordReset.reset({ token, password: chosen.data }),
          invalidLink,
          weakPassword,
          signInBusy,
        );
        if (refusal?.kind === invalidLink) return reply(410, deadLink);
        if (refusal?.kind === signInBusy) {
          return reply(
            503,
            askPage({ token, email, error: 'Too much is going on. Try again now.' }),
          );
        }
        if (refusal !== undefined) {
          return reply(422, askPage({ token, email, error: refusal.message }));
        }
        return reply(
          200,
          donePage(
            'Your new password is set',
            'Sign in with it from now on. All devices were signed out.',
          ),
          cookies.keepDevice(result.deviceToken),
        );
      },
    }),
  ];
}

function askPage(shown: { token: string; email: string; error?: string }): string {
  return page(
    'Set a new password',
    markup`<form method="post" action="${path}">
      <p>For the account of <b>${shown.email}</b>.</p>
      <input type="hidden" name="token" value="${shown.token}" />
      <input type="text" name="" value="${shown.email}" autocomplete="username" hidden readonly />
      <label for="password">New password</label>
      <input
        type="password"
        id="password"
        name="password"
        minlength="8"
        required
        autocomplete="new-password"
        !${fieldState(shown.error)}
      />
      !${fieldError(shown.error)}
      <p class="hint" id="hint">At least 8 characters. Several words in a row are easy to keep in mind.</p>
      <button>Set the password</button>
    </form>`,
  );
}
