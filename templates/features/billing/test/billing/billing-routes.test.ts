// What holds for every route of billing, those that are still to come included.
import { beforeAll, expect, test } from 'vitest';
import { describedRoutes, type DescribedRoute } from '../support/all-routes.ts';
import {
  badInputSeed,
  badRequest,
  badRequestsPerRoute,
  describedRequest,
  randomFrom,
} from '../support/bad-input.ts';
import { request } from '../support/service.ts';
import { signUp } from '../support/users.ts';
import { useBilling } from './support/billing.ts';
import { planPrices } from './support/subscriber.ts';

const billing = useBilling({}, { prices: planPrices });
const requestsPerRoute = badRequestsPerRoute(15);
/** Milliseconds. */
const patience = 60_000 + requestsPerRoute * 1000;
const webhooks = '/webhooks/stripe';
const isOpen = ({ path }: DescribedRoute) => path === webhooks || /^\/billing\b/.test(path);

let routes: DescribedRoute[];
beforeAll(async () => {
  routes = await describedRoutes(billing.service, 'billing');
});

test('the routes of billing are there', () => {
  expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
    expect.arrayContaining([
      'post /v1/billing/checkout',
      'post /v1/billing/portal',
      'get /v1/billing/subscription',
      'post /v1/billing/subscription/cancel',
      'post /v1/billing/subscription/resume',
      'post /v1/billing/subscription/change',
      'get /v1/billing/invoices',
      `post ${webhooks}`,
    ]),
  );
});

test('nobody gets in without a token', async () => {
  for (const { method, path } of routes.filter((route) => !isOpen(route))) {
    for (const headers of [{}, { authorization: 'Bearer a.b.c' }]) {
      const answer = await request(billing.service.url, path, {
        method: method.toUpperCase(),
        headers,
      });
      expect([path, answer.status, answer.body.code]).toEqual([path, 401, 'unauthenticated']);
    }
  }
});

test('bad input never makes an error of ours', { timeout: patience }, async () => {
  const { seed, repeatedBy } = badInputSeed();
  const random = randomFrom(seed);
  const { authorization } = await signUp(billing.service);
  const wrong: string[] = [];
  for (const route of routes) {
    for (let turn = 0; turn < requestsPerRoute; turn += 1) {
      const { path, init } = badRequest(random, route, authorization);
      const { status, headers } = await request(billing.service.url, path, init);
      const isProblem = headers.get('content-type')?.startsWith('application/problem+json');
      const isFault = status >= 500 || (status >= 400 && isProblem !== true);
      if (isFault) wrong.push(`${status}, of ${route.path}: ${describedRequest(path, init)}`);
    }
  }
  expect(wrong, `${repeatedBy} repeats it.\n${wrong.join('\n')}`).toEqual([]);
});

test('what is not sold cannot be bought', async () => {
  const { authorization } = await signUp(billing.service);
  for (const [choice, pointer] of [
    [{ plan: 'free', interval: 'month' }, '#/plan'],
    [{ plan: 'constructor', interval: 'month' }, '#/plan'],
    [{ plan: 'pro', interval: 'week' }, '#/interval'],
    [{ plan: 'pro', interval: 'month', quantity: 2 }, '#/quantity'],
    [{ plan: 'team', interval: 'month', quantity: 0 }, '#/quantity'],
    [{ plan: 'team', interval: 'month', quantity: 1.5 }, '#/quantity'],
    [{ plan: 'team', interval: 'month', price: 'price_of_mine' }, '#/price'],
  ] as const) {
    for (const path of ['/v1/billing/checkout', '/v1/billing/subscription/change']) {
      const { status, body } = await billing.service.post(path, choice, authorization);
      expect([choice, status, body.errors?.[0]?.pointer]).toEqual([choice, 422, pointer]);
    }
  }
});
