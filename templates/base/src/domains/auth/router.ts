import { unauthenticated } from '#app/http/errors.ts';
import { empty, json, open, reply, route, type Route } from '#app/http/route.ts';
import { emailTaken, invalidCredentials, invalidRefreshToken, signInBusy } from './errors.ts';
import { signedIn } from './guard.ts';
import { Credentials, RefreshTokenInput, Registration, TokenPair, UserAnswer } from './schemas.ts';
import type { AuthService, Tokens, User } from './service.ts';

export function authRoutes({ auth }: { auth: AuthService }): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/auth/register',
      summary: 'Register a user',
      guard: open,
      body: json(Registration),
      answers: { 201: json(UserAnswer) },
      errors: [emailTaken, signInBusy],
      handler: async ({ body }) => reply(201, { user: presentUser(await auth.register(body)) }),
    }),
    route({
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Sign in',
      guard: open,
      body: json(Credentials),
      answers: { 200: json(TokenPair) },
      errors: [invalidCredentials, signInBusy],
      handler: async ({ body }) => reply(200, presentTokens(await auth.login(body))),
    }),
    route({
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'Exchange a refresh token for new tokens',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 200: json(TokenPair) },
      errors: [invalidRefreshToken],
      handler: async ({ body }) => reply(200, presentTokens(await auth.refresh(body.refreshToken))),
    }),
    route({
      method: 'post',
      path: '/v1/auth/logout',
      summary: 'End the session of a refresh token',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 204: empty() },
      handler: async ({ body }) => {
        await auth.logout(body.refreshToken);
        return reply(204);
      },
    }),
    route({
      method: 'get',
      path: '/v1/auth/me',
      summary: 'Show the signed-in user',
      guard: signedIn(auth),
      answers: { 200: json(UserAnswer) },
      handler: async ({ identity }) => {
        const user = await auth.findUser(identity.userId);
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

function presentTokens(tokens: Tokens) {
  return { ...tokens, tokenType: 'Bearer' as const };
}
