import { html as markup } from 'ghtml';
import { form, html, open, reply, route, type Route } from '#app/http/route.ts';
import { emailTaken, invalidLink } from '../../errors.ts';
import type { AuthService } from '../../service.ts';
import { deadLinkPage, donePage, page } from './layout.ts';
import { outcomeOf } from './outcome.ts';
import { LinkForm, LinkQuery } from './schemas.ts';

const path = '/auth/confirm-email-change';
const deadLink = deadLinkPage('To use another address, sign in and ask for it again.');

/** Mail programs follow links before people do: only the button on the page changes anything. */
export function confirmEmailChangePages(auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path,
      summary: 'Show the page that a link to a new address leads to',
      guard: open,
      query: LinkQuery,
      answers: { 200: html(), 410: html() },
      handler: async ({ query: { token } }) => {
        const email = await auth.addressOf('change', token);
        return email === undefined ? reply(410, deadLink) : reply(200, askPage(token, email));
      },
    }),
    route({
      method: 'post',
      path,
      summary: 'Take a new address from that page',
      guard: open,
      body: form(LinkForm),
      answers: { 200: html(), 409: html(), 410: html() },
      handler: async ({ body }) => {
        const { refusal } = await outcomeOf(
          auth.emailChange.confirm(body.token),
          invalidLink,
          emailTaken,
        );
        if (refusal?.kind === invalidLink) return reply(410, deadLink);
        if (refusal?.kind === emailTaken) return reply(409, takenPage());
        return reply(200, donePage('Your new address is set', 'Sign in with it from now on.'));
      },
    }),
  ];
}

function askPage(token: string, email: string): string {
  return page(
    'Confirm your new address',
    markup`<p>Use <b>${email}</b> for your account from now on?</p>
      <form method="post" action="${path}">
        <input type="hidden" name="token" value="${token}" />
        <button>Yes, use it</button>
      </form>
      <p class="hint">If not, close this page.</p>`,
  );
}

function takenPage(): string {
  return page(
    'This address has an account already',
    markup`<p>It was registered since the link was sent, so nothing has changed.</p>`,
  );
}
