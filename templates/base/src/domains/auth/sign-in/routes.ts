import { AppError } from '#app/errors.ts';
import { crossSiteRequest } from '#app/http/errors.ts';
import { empty, json, open, reply, route, type GuardRequest, type Route } from '#app/http/route.ts';
import {
  invalidCode,
  invalidCredentials,
  invalidRefreshToken,
  secondFactorRequired,
  signInBusy,
  tooManyAttempts,
} from '../errors.ts';
import { proofOf } from '../second-factor/prove-factor.ts';
import type { AuthService } from '../service.ts';
import { Credentials, RefreshTokenInput, SignedIn, TokenPair } from './schemas.ts';
import type { Tokens } from './sign-in.ts';
import { tokenCookies, type CookieSettings } from './token-cookies.ts';

/** How users come in, stay in and leave. */
export function signInRoutes({ signIn }: AuthService, settings: CookieSettings): Route[] {
  const cookies = tokenCookies(settings);

  /** A cookie that is of no use any more is taken away with the refusal. */
  async function refreshKept(token: string): Promise<Tokens> {
    try {
      return await signIn.refresh(token);
    } catch (error) {
      if (!(error instanceof AppError && error.kind === invalidRefreshToken)) throw error;
      throw invalidRefreshToken({ ...error.details, headers: cookies.clear() });
    }
  }

  return [
    route({
      method: 'post',
      path: '/v1/auth/login',
      summary: 'Sign in',
      guard: open,
      body: json(Credentials),
      answers: { 200: json(SignedIn) },
      errors: [
        invalidCredentials,
        secondFactorRequired,
        invalidCode,
        crossSiteRequest,
        tooManyAttempts,
        signInBusy,
      ],
      handler: async ({ body, request }) => {
        const { email, password, cookie } = body;
        const kept = cookie ? cookies.deviceToken(request) : undefined;
        const tokens = await signIn.login({
          email,
          password,
          proof: proofOf(body),
          deviceToken: body.deviceToken ?? kept,
          from: originOf(request),
        });
        const { deviceToken } = tokens;
        return cookie
          ? reply(200, presentWithout(tokens), cookies.keep(tokens))
          : reply(200, { ...present(tokens), deviceToken });
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/refresh',
      summary: 'Exchange a refresh token for new tokens',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 200: json(TokenPair) },
      errors: [invalidRefreshToken, crossSiteRequest],
      handler: async ({ body: { refreshToken }, request }) => {
        if (refreshToken !== undefined) {
          return reply(200, present(await signIn.refresh(refreshToken)));
        }
        const kept = cookies.refreshToken(request);
        if (kept === undefined) throw invalidRefreshToken({ detail: 'Send a refresh token.' });
        const tokens = await refreshKept(kept);
        return reply(200, presentWithout(tokens), cookies.keep(tokens));
      },
    }),
    route({
      method: 'post',
      path: '/v1/auth/logout',
      summary: 'End the session of a refresh token',
      guard: open,
      body: json(RefreshTokenInput),
      answers: { 204: empty() },
      errors: [crossSiteRequest],
      handler: async ({ body: { refreshToken }, request }) => {
        if (refreshToken !== undefined) {
          await signIn.logout(refreshToken);
          return reply(204);
        }
        const kept = cookies.refreshToken(request);
        if (kept !== undefined) await signIn.logout(kept);
        return reply(204, undefined, cookies.clear());
      },
    }),
  ];
}

function originOf({ ip, headers }: GuardRequest) {
  return { ip, userAgent: headers['user-agent'] };
}

function present({ accessToken, refreshToken, expiresIn }: Tokens) {
  return { accessToken, refreshToken, expiresIn, tokenType: 'Bearer' as const };
}

/** The same without the refresh token, which is in a cookie. */
function presentWithout({ accessToken, expiresIn }: Tokens) {
  return { accessToken, expiresIn, tokenType: 'Bearer' as const };
}
