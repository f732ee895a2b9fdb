import { html as markup } from 'ghtml';
import { form, html, open, reply, route, type Route } from '#app/http/route.ts';
import { invalidLink } from '../../errors.ts';
import type { AuthService } from '../../service.ts';
import { deadLinkPage, donePage, page } from './layout.ts';
import { outcomeOf } from './outcome.ts';
import { LinkForm, LinkQuery } from './schemas.ts';

const path = '/auth/verify-email';
const deadLink = deadLinkPage('If your address is not verified yet, sign in and ask for another.');

/** Mail programs follow links before people do: only the button on the page changes anything. */
export function verifyEmailPages(auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path,
      summary: 'Show the page that a link to verify an address leads to',
      guard: open,
      query: LinkQuery,
      answers: { 200: html(), 410: html() },
      handler: async ({ query: { token } }) => {
        const email = await auth.addressOf('verify', token);
        return email === undefined ? reply(410, deadLink) : reply(200, askPage(token, email));
      },
    }),
    route({
      method: 'post',
      path,
      summary: 'Verify an address from that page',
      guard: open,
      body: form(LinkForm),
      answers: { 200: html(), 410: html() },
      handler: async ({ body }) => {
        const { refusal } = await outcomeOf(auth.emailVerification.verify(body.token), invalidLink);
        if (refusal !== undefined) return reply(410, deadLink);
        return reply(200, donePage('Your address is confirmed', 'You can close this page.'));
      },
    }),
  ];
}

function askPage(token: string, email: string): string {
  return page(
    'Confirm your address',
    markup`<p>Is <b>${email}</b> your address?</p>
      <form method="post" action="${path}">
        <input type="hidden" name="token" value="${token}" />
        <button>Yes, confirm it</button>
      </form>
      <p class="hint">If not, close this page.</p>`,
  );
}
