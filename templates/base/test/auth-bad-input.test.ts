// What holds for every route of authentication, those that are still to come included.
import { beforeAll, expect, test } from 'vitest';
import {
  badCookies,
  badInEveryRun,
  badInputSeed,
  badRequest,
  badRequestsPerRoute,
  describedRequest,
  ownOrigin,
  randomFrom,
} from './support/bad-input.ts';
import { describedRoutes, type DescribedRoute } from './support/all-routes.ts';
import { request, useService, type Answer } from './support/service.ts';
import { signUp } from './support/users.ts';

const service = useService();
const requestsPerRoute = badRequestsPerRoute(30);
/** Milliseconds. */
const patience = 60_000 + requestsPerRoute * 1000;

let routes: DescribedRoute[];
beforeAll(async () => {
  routes = await describedRoutes(service, 'auth');
});

test(
  'bad input never makes an error of ours, and every refusal is problem+json or a page',
  { timeout: patience },
  async () => {
    const { seed, repeatedBy } = badInputSeed();
    const random = randomFrom(seed);
    const wrong: string[] = [];
    const statuses = new Set<number>();
    for (const route of routes) {
      const { authorization } = await signUp(service);
      const requests = [
        ...badInEveryRun(route),
        ...Array.from({ length: requestsPerRoute }, () => badRequest(random, route, authorization)),
      ];
      for (const { path, init } of requests) {
        const answer = await request(service.url, path, init);
        statuses.add(answer.status);
        const fault = faultOf(route, answer);
        if (fault === undefined) continue;
        const sent = describedRequest(path, init);
        wrong.push(`${fault}, ${answer.status}, of ${route.path}: ${sent}`);
      }
    }
    expect(wrong, `${repeatedBy} repeats it.\n${wrong.join('\n')}`).toEqual([]);
    expect([...statuses]).toEqual(expect.arrayContaining([400, 401, 403, 410, 413, 415, 422]));
  },
);

test.for(badCookies)(
  'a cookie is input like any other, and one that is no token is taken away: %s',
  async (cookie) => {
    const { email, password } = await signUp(service);
    const send = (path: string, body: object) =>
      service.post(path, body, { cookie, origin: ownOrigin });
    const refreshed = await send('/v1/auth/refresh', {});
    expect([refreshed.status, refreshed.body.code]).toEqual([401, 'invalid_refresh_token']);
    const left = await send('/v1/auth/logout', {});
    expect(left.status).toBe(204);
    for (const { headers } of [refreshed, left]) {
      expect(headers.getSetCookie()).toEqual([expect.stringMatching(/^refresh=; Max-Age=0; /)]);
    }
    const known = await send('/v1/auth/login', { email, password, cookie: true });
    expect(known.status).toBe(200);
    expect(known.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^refresh=[\w-]{43};/),
      expect.stringMatching(/^device=[\w-]{43};/),
    ]);
  },
);

function faultOf({ pageStatuses }: DescribedRoute, { status, headers, body }: Answer) {
  if (status >= 500) return 'an error of ours';
  if (status < 400) return undefined;
  const type = headers.get('content-type') ?? '';
  if (type.startsWith('application/problem+json')) {
    return body.status === status && typeof body.code === 'string' ? undefined : 'no problem';
  }
  const isPage = type.startsWith('text/html') && pageStatuses.includes(status);
  return isPage ? undefined : `an answer of type ${type}`;
}
