import { afterAll, beforeAll } from 'vitest';
import { createTestDatabase } from '../../support/database.ts';
import { startService, type TestService } from '../../support/service.ts';
import { startFakeStripe } from '../../../dev/stripe/server.ts';
import type { FakeStripe, FakeStripeOptions } from '../../../dev/stripe/fake-stripe.ts';
import { stripeEnvironment } from './fake-client.ts';

export { stripeEnvironment };

export interface TestBilling {
  readonly service: TestService;
  /** The Stripe that the service talks to, and that sends it its events. */
  readonly stripe: FakeStripe;
}

/**
 * Runs the whole service against a Stripe of its own for the tests of a file.
 *
 * @param environment variables that differ from a plain test service's
 */
export function useBilling(
  environment: Record<string, string> = {},
  options: FakeStripeOptions = {},
): TestBilling {
  const billing = {} as { service: TestService; stripe: FakeStripe };

  beforeAll(async () => {
    billing.stripe = await startFakeStripe(options);
    const database = await createTestDatabase();
    billing.service = await startService(database, {
      ...stripeEnvironment(billing.stripe),
      ...environment,
    });
    billing.stripe.deliverTo(`${billing.service.url}/webhooks/stripe`);
  });
  afterAll(async () => {
    // In this order: whatever the service is still doing can end well.
    await billing.service.stop();
    await billing.stripe.close();
    await billing.service.database.drop();
  });
  return billing;
}
