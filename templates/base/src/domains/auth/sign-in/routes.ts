import { empty, json, open, reply, route, type Route } from '#app/http/route.ts';
import {
  emailNotVerified,
  invalidCredentials,
  invalidRefreshToken,
  signInBusy,
} from '../errors.ts';
import type { AuthService } from '../service.ts';
import { Credentials, RefreshTokenInput, TokenPair } from './schemas.ts';
import type { Tokens } from './sign-in.ts';

/** How users come in, stay in and leave. */
export function signInRoutes({ signIn }: AuthService): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Sign in',
      guard: open,
      body: json(Credentials),
      answers: { 200: json(TokenPair) },
      errors: [invalidCredentials, emailNotVerified, signInBusy],
      handler: async ({ body }) => reply(200, presentTokens(await signIn.login(body))),
    }),
    route({
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'Exchange a refresh token for new tokens',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 200: json(TokenPair) },
      errors: [invalidRefreshToken],
      handler: async ({ body }) =>
        reply(200, presentTokens(await signIn.refresh(body.refreshToken))),
    }),
    route({
      method: 'post',
      path: '/v1/auth/logout',
      summary: 'End the session of a refresh token',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 204: empty() },
      handler: async ({ body }) => {
        await signIn.logout(body.refreshToken);
        return reply(204);
      },
    }),
  ];
}

function presentTokens(tokens: Tokens) {
  return { ...tokens, tokenType: 'Bearer' as const };
}
