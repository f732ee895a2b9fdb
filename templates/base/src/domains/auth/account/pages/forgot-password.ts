import { html as markup } from 'ghtml';
import { form, html, open, reply, route, type Route } from '#app/http/route.ts';
import { isFromAnotherSite } from '#app/http/same-origin.ts';
import { tooManyAttempts } from '../../errors.ts';
import { Email } from '../../schemas.ts';
import type { AuthService } from '../../service.ts';
import type { CookieSettings } from '../../sign-in/token-cookies.ts';
import { fieldState, donePage, fieldError, fromElsewhere, page } from './layout.ts';
import { outcomeOf } from './outcome.ts';
import { EmailForm } from './schemas.ts';

const path = '/auth/forgot-password';

/** Where mails lead that cannot hold a link for a new password: it would be too old when it is read. */
export function forgotPasswordPages(auth: AuthService, settings: CookieSettings): Route[] {
  return [
    route({
      method: 'get',
      path,
      summary: 'Show the page for a forgotten password',
      guard: open,
      answers: { 200: html() },
      handler: async () => reply(200, askPage()),
    }),
    route({
      method: 'post',
      path,
      summary: 'Send a link that sets a new password, from that page',
      guard: open,
      body: form(EmailForm),
      answers: { 200: html(), 403: html(), 422: html(), 429: html() },
      handler: async ({ body, request }) => {
        if (isFromAnotherSite(request.headers, settings)) return reply(403, askPage(fromElsewhere));
        const email = Email.safeParse(body.email);
        if (!email.success) return reply(422, askPage('This is not an e-mail address.'));
        const { refusal } = await outcomeOf(
          auth.passwordReset.forgot(email.data, request.ip),
          tooManyAttempts,
        );
        if (refusal !== undefined) {
          return reply(429, askPage('Too many mails were asked for. Try again later.'));
        }
        return reply(
          200,
          donePage(
            'Look into your mails',
            'What to do next is in a mail to your address. It can take a minute to arrive.',
          ),
        );
      },
    }),
  ];
}

function askPage(error?: string): string {
  return page(
    'Forgotten your password?',
    markup`<form method="post" action="${path}">
      <label for="email">Your e-mail address</label>
      <input
        type="email"
        id="email"
        name="email"
        required
        maxlength="254"
        autocomplete="username"
        !${fieldState(error)}
      />
      !${fieldError(error)}
      <p class="hint" id="hint">A link that sets a new password is sent there.</p>
      <button>Send the link</button>
    </form>`,
  );
}
