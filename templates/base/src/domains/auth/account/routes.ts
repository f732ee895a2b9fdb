import { unauthenticated } from '#app/http/errors.ts';
import { empty, json, open, reply, route, type Route } from '#app/http/route.ts';
import {
  invalidLink,
  sameEmail,
  signInBusy,
  tooManyAttempts,
  weakPassword,
  wrongPassword,
} from '../errors.ts';
import { signedIn } from '../guard.ts';
import type { AuthService } from '../service.ts';
import type { User } from '../users.ts';
import {
  EmailChangeInput,
  EmailInput,
  LinkInput,
  PasswordChangeInput,
  PasswordResetAnswer,
  PasswordResetInput,
  RegistrationInput,
  UserAnswer,
} from './schemas.ts';

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
      errors: [weakPassword, tooManyAttempts, signInBusy],
      handler: async ({ body, request }) => {
        const user = await auth.registration.register({ ...body, ip: request.ip });
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
    ...emailRoutes(auth),
    ...passwordRoutes(auth),
  ];
}

function emailRoutes(auth: AuthService): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/auth/email/resend',
      summary: 'Send the link that verifies the address again',
      guard: signedIn(auth),
      answers: { 202: empty() },
      errors: [tooManyAttempts],
      handler: async ({ identity }) => {
        await auth.emailVerification.resend(identity.userId);
        return reply(202);
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/email/verify',
      summary: 'Verify an address by the link that was sent to it',
      guard: open,
      body: json(LinkInput),
      answers: { 204: empty() },
      errors: [invalidLink],
      handler: async ({ body }) => {
        await auth.emailVerification.verify(body.token);
        return reply(204);
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/email/change',
      summary: 'Send a link to a new address, which makes it the user’s',
      guard: signedIn(auth),
      sensitive: true,
      body: json(EmailChangeInput),
      answers: { 202: empty() },
      errors: [wrongPassword, sameEmail, tooManyAttempts, signInBusy],
      handler: async ({ identity, body, request }) => {
        await auth.emailChange.ask(identity.userId, { ...body, ip: request.ip });
        return reply(202);
      },
    }),
  ];
}

function passwordRoutes(auth: AuthService): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/auth/password/forgot',
      summary: 'Send a link that sets a new password',
      guard: open,
      body: json(EmailInput),
      answers: { 202: empty() },
      errors: [tooManyAttempts],
      handler: async ({ body, request }) => {
        await auth.passwordReset.forgot(body.email, request.ip);
        return reply(202);
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/password/reset',
      summary: 'Set a new password by the link that was sent',
      guard: open,
      body: json(PasswordResetInput),
      answers: { 200: json(PasswordResetAnswer) },
      errors: [invalidLink, weakPassword, signInBusy],
      handler: async ({ body }) => reply(200, await auth.passwordReset.reset(body)),
    }),
    route({
      method: 'post',
      path: '/v1/auth/password/change',
      summary: 'Change the password, and end all other sessions',
      guard: signedIn(auth),
      sensitive: true,
      body: json(PasswordChangeInput),
      answers: { 204: empty() },
      errors: [wrongPassword, weakPassword, tooManyAttempts, signInBusy],
      handler: async ({ identity, body }) => {
        await auth.passwordChange.change(identity, body);
        return reply(204);
      },
    }),
  ];
}

function presentUser(user: User) {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAt !== null,
    accountId: user.accountId,
    createdAt: user.createdAt.toISOString(),
  };
}
