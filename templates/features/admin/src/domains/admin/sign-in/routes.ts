import { z } from 'zod';
import { outcomeOf } from '#app/domains/auth/account/pages/outcome.ts';
import { tooManyAttempts } from '#app/domains/auth/errors.ts';
import { form, html, open, redirect, reply, route, type Route } from '#app/http/route.ts';
import { signInPath } from '../errors.ts';
import { replyPublic } from '../pages/page-reply.ts';
import { asPage, requireToken } from '../pages/page-routes.ts';
import type { AdminService } from '../service.ts';
import { signInPage } from './page.ts';

/** What is not there, or too long, is as wrong as anything else. */
const Typed = z.string().max(1000).catch('');

const Credentials = z.object({ email: Typed, password: Typed, code: Typed });

const wrong = 'The address, the password or the code is wrong, or the code was used before.';

export function signInRoutes({ guards, signIn }: AdminService): Route[] {
  return [
    route({
      ...asPage,
      method: 'get',
      path: signInPath,
      summary: 'Show the page that signs operators in',
      guard: open,
      query: z.object({ done: z.string().optional().catch(undefined) }),
      answers: { 200: html() },
      handler: async ({ query }) => replyPublic(200, signInPage(query)),
    }),
    route({
      ...asPage,
      method: 'post',
      path: signInPath,
      summary: 'Sign an operator in',
      guard: guards.visitor,
      body: form(Credentials),
      answers: { 303: redirect(), 422: html(), 429: html() },
      handler: async ({ body, request }) => {
        const given = { ...body, email: body.email.trim().toLowerCase() };
        const { refusal, result } = await outcomeOf(signIn.begin(given, request), tooManyAttempts);
        const { email } = given;
        if (refusal !== undefined) {
          const { retryAfter = 1 } = refusal.details;
          const error = `There were too many attempts. Try again in ${inWords(retryAfter)}.`;
          const headers = { 'Retry-After': String(retryAfter) };
          return replyPublic(429, signInPage({ email, error }), headers);
        }
        if (result === undefined) return replyPublic(422, signInPage({ email, error: wrong }));
        return reply(303, '/admin', result);
      },
    }),
    route({
      ...asPage,
      method: 'post',
      path: '/admin/sign-out',
      summary: 'Sign an operator out',
      guard: guards.action({ permission: 'own.change', whileActing: true }),
      body: form(z.record(z.string(), z.string())),
      answers: { 303: redirect() },
      handler: async ({ identity: operator, body }) => {
        requireToken(operator, body);
        return reply(303, `${signInPath}?done=signed-out`, await signIn.end(operator));
      },
    }),
  ];
}

function inWords(seconds: number): string {
  if (seconds < 120) return `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
