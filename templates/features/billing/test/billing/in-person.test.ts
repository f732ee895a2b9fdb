// Who acts in a user's place neither spends the user's money nor sees the pages on which it is spent.
import { expect, test } from 'vitest';
import { actingFor, changingRoutes } from '../support/acting.ts';
import { request } from '../support/service.ts';
import { signUp } from '../support/users.ts';
import { useBilling } from './support/billing.ts';

const billing = useBilling();

const inPerson = [
  'post /v1/billing/checkout',
  'post /v1/billing/portal',
  'post /v1/billing/subscription/cancel',
  'post /v1/billing/subscription/change',
  'post /v1/billing/subscription/resume',
];

test('each route of billing that changes something is decided on', async () => {
  expect(await changingRoutes(billing.service, 'billing')).toEqual({ inPerson, byProxy: [] });
});

test('A3: all of them are refused, and Stripe is not asked', async () => {
  const acting = await actingFor(billing.service, await signUp(billing.service));
  const asked = billing.stripe.requests.length;
  for (const name of inPerson) {
    const [method = '', path = ''] = name.split(' ');
    const answer = await request(billing.service.url, path, {
      method: method.toUpperCase(),
      headers: { 'content-type': 'application/json', ...acting },
      body: JSON.stringify({ plan: 'pro', interval: 'month' }),
    });
    expect([name, answer.status, answer.body.code]).toEqual([name, 403, 'only_in_person']);
  }
  expect(billing.stripe.requests.length).toBe(asked);
});

test('what an account pays for may be looked at', async () => {
  const acting = await actingFor(billing.service, await signUp(billing.service));
  for (const path of ['/v1/billing/subscription', '/v1/billing/invoices']) {
    expect((await billing.service.get(path, acting)).status).toBe(200);
  }
});
