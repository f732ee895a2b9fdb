import { unauthenticated } from '#app/http/errors.ts';
import { json, open, reply, route, type Route } from '#app/http/route.ts';
import { emailTaken, signInBusy } from '../errors.ts';
import { signedIn } from '../guard.ts';
import type { AuthService } from '../service.ts';
import type { User } from '../users.ts';
import { RegistrationInput, UserAnswer } from './schemas.ts';

/** What users do with what they are known by. */
export function accountRoutes(auth: AuthService): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/auth/register',
      summary: 'Register a user',
      guard: open,
      body: json(RegistrationInput),
      answers: { 201: json(UserAnswer) },
      errors: [emailTaken, signInBusy],
      handler: async ({ body }) => {
        const user = await auth.registration.register(body);
        return reply(201, { user: presentUser(user) });
      },
    }),
    route({
      method: 'get',
      path: '/v1/auth/me',
      summary: 'Show the signed-in user',
      guard: signedIn(auth),
      answers: { 200: json(UserAnswer) },
      handler: async ({ identity }) => {
        const user = await auth.users.find(identity.userId);
        if (user === undefined) throw unauthenticated({ detail: 'The user is no longer there.' });
        return reply(200, { user: presentUser(user) });
      },
    }),
  ];
}

function presentUser(user: User) {
  return {
    id: user.id,
    email: user.email,
    accountId: user.accountId,
    createdAt: user.createdAt.toISOString(),
  };
}
