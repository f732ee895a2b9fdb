import type { Database } from '#app/database/database.ts';
import { fromElsewhere } from '#app/domains/auth/account/pages/layout.ts';
import { outcomeOf } from '#app/domains/auth/account/pages/outcome.ts';
import { invalidLink, weakPassword } from '#app/domains/auth/errors.ts';
import { NewPassword } from '#app/domains/auth/schemas.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { tokenCookies, type CookieSettings } from '#app/domains/auth/sign-in/token-cookies.ts';
import {
  form,
  html,
  open,
  reply,
  route,
  type AnswerHeaders,
  type GuardRequest,
  type Route,
} from '#app/http/route.ts';
import { isFromAnotherSite } from '#app/http/same-origin.ts';
import { invitationForAnother } from '../../errors.ts';
import type { OrganizationService } from '../../service.ts';
import type { Joined } from '../answers.ts';
import { browserUser } from '../browser-user.ts';
import { invitationPath as path } from '../links.ts';
import { refusals, refusedBy } from './refusals.ts';
import { LinkForm, LinkQuery, RegistrationForm, SignInForm } from './schemas.ts';
import { proveUser } from './sign-in.ts';
import { deadPage, declinedPage, invitationPage, joinedPage, type Shown } from './views.ts';

const answersOfForm = {
  200: html(),
  403: html(),
  409: html(),
  410: html(),
  422: html(),
  429: html(),
  503: html(),
} as const;

/**
 * The pages that an invitation's link leads to. They work without a script. Mail programs follow
 * links before people do: only a button changes anything.
 */
export function invitationPages(deps: {
  organizations: OrganizationService;
  auth: AuthService;
  database: Database;
  settings: CookieSettings;
}): Route[] {
  const { settings, database } = deps;
  const { answers } = deps.organizations;
  const cookies = tokenCookies(settings);

  /** What a link is for, and who is signed in; nothing where it does not work. */
  async function look(token: string, { headers }: GuardRequest): Promise<Shown | undefined> {
    const invitation = await answers.find(token);
    if (invitation === undefined) return undefined;
    return { token, invitation, signedIn: await browserUser(database, settings, headers) };
  }

  /** Answers a form that joins, and says on the same page why it was refused. */
  async function join(
    token: string,
    request: GuardRequest,
    work: (shown: Shown) => Promise<{ joined: Joined; headers?: AnswerHeaders }>,
  ) {
    const shown = await look(token, request);
    if (shown === undefined) return reply(410, deadPage);
    if (isFromAnotherSite(request.headers, settings)) {
      return reply(403, invitationPage({ ...shown, error: fromElsewhere }));
    }
    const { refusal, result } = await outcomeOf(work(shown), invalidLink, ...refusals);
    if (refusal === undefined) {
      const { joined, headers } = result;
      return reply(200, joinedPage(joined, shown.invitation.email), headers);
    }
    // The account that is needed may be there by now.
    const again = refusal.kind === invalidLink ? undefined : await look(token, request);
    if (again === undefined) return reply(410, deadPage);
    const { status, error } = refusedBy(refusal);
    return reply(status, invitationPage({ ...again, error }));
  }

  return [
    route({
      method: 'get',
      path,
      summary: 'Show the page that an invitation leads to',
      guard: open,
      query: LinkQuery,
      answers: { 200: html(), 410: html() },
      handler: async ({ query: { token }, request }) => {
        const shown = await look(token, request);
        return shown === undefined ? reply(410, deadPage) : reply(200, invitationPage(shown));
      },
    }),
    route({
      method: 'post',
      path: `${path}/accept`,
      summary: 'Accept an invitation from that page, signed in',
      guard: open,
      body: form(LinkForm),
      answers: answersOfForm,
      handler: async ({ body: { token }, request }) =>
        join(token, request, async ({ signedIn }) => {
          if (signedIn === undefined) throw invitationForAnother();
          return { joined: await answers.accept(signedIn.id, token) };
        }),
    }),
    route({
      method: 'post',
      path: `${path}/sign-in`,
      summary: 'Accept an invitation from that page, with one’s password',
      guard: open,
      body: form(SignInForm),
      answers: answersOfForm,
      handler: async ({ body: { token, ...typed }, request }) =>
        join(token, request, async ({ invitation: { email } }) => {
          const { userId, deviceToken } = await proveUser(deps, { email, ...typed }, request);
          const joined = await answers.accept(userId, token);
          return { joined, headers: cookies.keepDevice(deviceToken) };
        }),
    }),
    route({
      method: 'post',
      path: `${path}/register`,
      summary: 'Accept an invitation from that page, with a new account',
      guard: open,
      body: form(RegistrationForm),
      answers: answersOfForm,
      handler: async ({ body: { token, password }, request }) =>
        join(token, request, async () => {
          const chosen = NewPassword.safeParse(password);
          if (chosen.success) {
            return { joined: await answers.register({ token, password: chosen.data }) };
          }
          throw weakPassword({ detail: `${chosen.error.issues[0]?.message}.` });
        }),
    }),
    route({
      method: 'post',
      path: `${path}/decline`,
      summary: 'Decline an invitation from that page',
      guard: open,
      body: form(LinkForm),
      answers: { 200: html(), 403: html(), 410: html() },
      handler: async ({ body: { token }, request }) => {
        const shown = await look(token, request);
        if (shown === undefined) return reply(410, deadPage);
        if (isFromAnotherSite(request.headers, settings)) {
          return reply(403, invitationPage({ ...shown, error: fromElsewhere }));
        }
        const { refusal } = await outcomeOf(answers.decline(token), invalidLink);
        return refusal === undefined ? reply(200, declinedPage()) : reply(410, deadPage);
      },
    }),
  ];
}
