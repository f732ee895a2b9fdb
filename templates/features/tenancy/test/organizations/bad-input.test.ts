// What holds for every route of organizations, those that are still to come included.
import { expect, test } from 'vitest';
import {
  badInEveryRun,
  badInputSeed,
  badRequest,
  badRequestsPerRoute,
  describedRequest,
  randomFrom,
} from '../support/bad-input.ts';
import { describedRoutes } from '../support/all-routes.ts';
import { request, useService } from '../support/service.ts';
import { newOrganization, switchTo } from './support/organizations.ts';

const service = useService();
const requestsPerRoute = badRequestsPerRoute(20);

test(
  'bad input never makes an error of ours, and every refusal is problem+json or a page',
  { timeout: 60_000 + requestsPerRoute * 2000 },
  async () => {
    const { seed, repeatedBy } = badInputSeed();
    const random = randomFrom(seed);
    const wrong: string[] = [];
    for (const route of await describedRoutes(service, 'organizations')) {
      const { owner, accountId } = await newOrganization(service);
      const { body } = await switchTo(service, owner, accountId);
      const authorization = { authorization: `Bearer ${body.accessToken}` };
      const requests = [
        ...badInEveryRun(route),
        ...Array.from({ length: requestsPerRoute }, () => badRequest(random, route, authorization)),
      ];
      for (const { path, init } of requests) {
        const { status, headers } = await request(service.url, path, init);
        const type = headers.get('content-type') ?? '';
        const isPage = type.startsWith('text/html') && route.pageStatuses.includes(status);
        const isProblem = type.startsWith('application/problem+json');
        if (status < 400 || (status < 500 && (isPage || isProblem))) continue;
        wrong.push(`${status} of ${route.path}: ${describedRequest(path, init)}`);
      }
    }
    expect(wrong, `${repeatedBy} repeats it.\n${wrong.join('\n')}`).toEqual([]);
  },
);
