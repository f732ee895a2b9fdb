import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pricesOf } from '#app/domains/billing/define-plans.ts';
import { plans } from '#app/domains/billing/plans.ts';
import { stripeClient } from '#app/domains/billing/stripe.ts';
import { fakeStripe } from '../../dev/stripe/companion.ts';

const appOrigin = () => 'http://localhost:3000';
const own = { STRIPE_SECRET_KEY: 'sk_test_own' };

test('with a key of the real Stripe none is made up', async () => {
  const context = { environment: own, folder: tmpdir(), appOrigin };
  expect(await fakeStripe(context)).toBeUndefined();
});

test('without one, the app is told of one that sells the plans, until there is a key', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'companion-'));
  const companion = await fakeStripe({ environment: {}, folder, appOrigin });
  const { STRIPE_SECRET_KEY = '', STRIPE_API_BASE = '' } = companion?.variables({}) ?? {};
  const stripe = stripeClient({ STRIPE_SECRET_KEY, STRIPE_API_BASE });
  const { data } = await stripe.prices.list({ limit: 100 });
  const sold = new Set(data.map(({ lookup_key: key }) => key));
  expect(sold).toEqual(new Set(pricesOf(plans).map(({ lookupKey }) => lookupKey)));
  expect(companion?.variables(own)).toEqual({});
  await companion?.close();
  await rm(folder, { recursive: true });
});
