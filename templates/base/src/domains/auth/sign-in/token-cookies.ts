// For clients in a browser, on request: the tokens that last are kept in cookies, where no script
// that got into the page can read them.
import { hostCookie } from '#app/http/cookies.ts';
import type { GuardRequest } from '#app/http/route.ts';
import { requireSameOrigin } from '#app/http/same-origin.ts';
import type { HttpSettings } from '#app/http/settings.ts';
import { idleDays } from '../sessions/refresh-tokens.ts';
import { deviceDays } from './known-devices.ts';

export type CookieSettings = Pick<HttpSettings, 'APP_ORIGIN' | 'CORS_ORIGINS'>;

const daySeconds = 24 * 60 * 60;

export interface TokenCookies {
  /** @throws cross_site_request where the request does not come from this site */
  refreshToken(request: GuardRequest): string | undefined;
  /** @throws cross_site_request where the request does not come from this site */
  deviceToken(request: GuardRequest): string | undefined;
  /** The headers that keep these tokens. */
  keep(tokens: { refreshToken: string; deviceToken?: string }): { 'Set-Cookie': string[] };
  /** The headers that keep the token of a device on which nobody is signed in yet. */
  keepDevice(deviceToken: string): { 'Set-Cookie': string[] };
  /** The headers that end the session in the browser. The device stays known. */
  clear(): { 'Set-Cookie': string[] };
}

export function tokenCookies(settings: CookieSettings): TokenCookies {
  const refresh = hostCookie('refresh', settings);
  const device = hostCookie('device', settings);
  const setDevice = (token: string) => device.set(token, deviceDays * daySeconds);

  return {
    refreshToken({ headers }) {
      const token = refresh.read(headers);
      if (token !== undefined) requireSameOrigin(headers, settings);
      return token;
    },
    deviceToken({ headers }) {
      requireSameOrigin(headers, settings);
      return device.read(headers);
    },
    keep: ({ refreshToken, deviceToken }) => ({
      'Set-Cookie': [
        refresh.set(refreshToken, idleDays * daySeconds),
        ...(deviceToken === undefined ? [] : [setDevice(deviceToken)]),
      ],
    }),
    keepDevice: (deviceToken) => ({ 'Set-Cookie': [setDevice(deviceToken)] }),
    clear: () => ({ 'Set-Cookie': [refresh.clear()] }),
  };
}
