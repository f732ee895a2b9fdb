import { expect, test } from 'vitest';
import { readEnvironment } from '#app/environment.ts';
import { billingSettings } from '#app/domains/billing/settings.ts';

const standIn = { STRIPE_API_BASE: 'http://127.0.0.1:12111', STRIPE_SECRET_KEY: 'sk_test_1' };
const read = (env: NodeJS.ProcessEnv) => readEnvironment(billingSettings, env);

test('another server may answer in place of Stripe in development and tests', () => {
  for (const NODE_ENV of ['development', 'test']) {
    expect(read({ ...standIn, NODE_ENV })).toMatchObject(standIn);
  }
});

test.each(['sk_live_1', 'rk_live_1'])('no other server is given a live key (%s)', (key) => {
  const env = { ...standIn, NODE_ENV: 'development', STRIPE_SECRET_KEY: key };
  expect(() => read(env)).toThrow(/STRIPE_API_BASE: is not for a live key/);
});

test.each(['production', undefined])('production (NODE_ENV %s) asks Stripe itself', (NODE_ENV) => {
  const env = { ...standIn, STRIPE_WEBHOOK_SECRETS: 'whsec_1', NODE_ENV };
  expect(() => read(env)).toThrow(/STRIPE_API_BASE: is for development and tests/);
});
