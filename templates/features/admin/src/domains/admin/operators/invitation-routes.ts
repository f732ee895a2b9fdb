// Where the link of an invitation leads. Programs that look into messages follow links before people
// do: only the form on the page changes anything.
import { html as markup } from 'ghtml';
import { z } from 'zod';
import { outcomeOf } from '#app/domains/auth/account/pages/outcome.ts';
import { invalidLink, weakPassword } from '#app/domains/auth/errors.ts';
import { NewPassword } from '#app/domains/auth/schemas.ts';
import { form, html, open, route, type Route } from '#app/http/route.ts';
import { wrongFirstCode } from '../errors.ts';
import { offeredSecret, recoveryCodeList } from '../pages/components/authenticator.ts';
import { hiddenInput, renderField } from '../pages/components/form.ts';
import { errorsOf } from '../pages/define-page.ts';
import { replyPublic } from '../pages/page-reply.ts';
import { asPage } from '../pages/page-routes.ts';
import type { AdminService } from '../service.ts';
import type { Offer } from './factor.ts';

const path = '/admin/invitation';

/** What cannot be a token is one that does not work. */
const Typed = z.string().max(1000).catch('');

const Choice = z.object({ token: Typed, offer: Typed, password: Typed, code: Typed });

export function invitationRoutes({ guards, invitations }: AdminService): Route[] {
  return [
    route({
      ...asPage,
      method: 'get',
      path,
      summary: 'Show the page that an invitation leads to',
      guard: open,
      query: z.object({ token: Typed }),
      answers: { 200: html(), 410: html() },
      handler: async ({ query: { token } }) => {
        const invited = await invitations.find(token);
        if (invited === undefined) return replyPublic(410, deadLinkPage);
        return replyPublic(200, choicePage(token, invited, {}));
      },
    }),
    route({
      ...asPage,
      method: 'post',
      path,
      summary: 'Accept an invitation',
      guard: guards.visitor,
      body: form(Choice),
      answers: { 200: html(), 410: html(), 422: html() },
      handler: async ({ body: { token, ...typed }, request }) => {
        const invited = await invitations.find(token, typed.offer);
        if (invited === undefined) return replyPublic(410, deadLinkPage);
        const password = NewPassword.safeParse(typed.password);
        if (!password.success) {
          const errors = { password: password.error.issues[0]?.message ?? '' };
          return replyPublic(422, choicePage(token, invited, errors));
        }
        const chosen = { ...typed, password: password.data };
        const { refusal, result } = await outcomeOf(
          invitations.accept(token, chosen, request),
          invalidLink,
          weakPassword,
          wrongFirstCode,
        );
        if (refusal?.kind === invalidLink) return replyPublic(410, deadLinkPage);
        if (refusal !== undefined) {
          return replyPublic(422, choicePage(token, invited, errorsOf(refusal)));
        }
        const headers = { 'Set-Cookie': result.cookie };
        return replyPublic(200, codesPage(result.recoveryCodes), headers);
      },
    }),
  ];
}

function choicePage(
  token: string,
  { email, offer }: { email: string; offer: Offer },
  errors: Readonly<Record<string, string>>,
) {
  const content = markup`<p>
      You are invited as <strong>${email}</strong>. Choose a password, and set up an authenticator
      app: signing in takes both.
    </p>
    <form method="post" action="${path}" class="stacked">
      !${hiddenInput('token', token)} !${hiddenInput('offer', offer.sealed)}
      <input type="hidden" name="email" value="${email}" autocomplete="username" />
      !${renderField(
        {
          kind: 'password',
          label: 'New password',
          hint: 'At least 8 characters.',
          autocomplete: 'new-password',
          maxLength: 128,
        },
        { id: 'password', name: 'password', value: '', error: errors['password'] },
      )}
      !${offeredSecret(offer)}
      !${renderField(
        {
          kind: 'text',
          label: 'Code that the app shows',
          inputMode: 'numeric',
          autocomplete: 'one-time-code',
          maxLength: 10,
        },
        { id: 'code', name: 'code', value: '', error: errors['code'] },
      )}
      <button>Set up and sign in</button>
    </form>`;
  return { title: 'Set up your sign-in', content };
}

function codesPage(codes: readonly string[]) {
  const content = markup`!${recoveryCodeList(codes)}
    <p><a class="button" href="/admin">I have kept them, go on</a></p>`;
  return { title: 'Your recovery codes', content };
}

const deadLinkPage = {
  title: 'This link does not work any more',
  content: markup`<p>
    It was used already, is older than a day, or a newer one was made after it. Ask who has invited
    you for another.
  </p>`,
};
