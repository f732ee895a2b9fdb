// Events as Stripe sends them, signed as it signs.
import { randomBytes } from 'node:crypto';
import { Stripe } from 'stripe';

export const secret = 'whsec_test';

export interface TestEvent {
  readonly id: string;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** An event that says no more than it has to. */
export function newEvent(fields: Record<string, unknown> = {}): TestEvent {
  return {
    id: `evt_${randomBytes(12).toString('hex')}`,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: Math.floor(Date.now() / 1000),
    data: { object: { id: 'cus_1', object: 'customer' } },
    livemode: false,
    pending_webhooks: 1,
    request: null,
    type: 'customer.updated',
    ...fields,
  };
}

export interface Signed {
  readonly payload: Buffer;
  /** `Stripe-Signature` */
  readonly signature: string;
}

/**
 * Signs an event, or whatever else is sent in its place.
 *
 * @param options.secrets more than one while the endpoint's is rolled
 * @param options.timestamp Unix seconds
 */
export function signed(
  event: unknown,
  options: { secrets?: readonly string[]; timestamp?: number } = {},
): Signed {
  const payload = typeof event === 'string' ? event : JSON.stringify(event);
  const { secrets = [secret], timestamp = Math.floor(Date.now() / 1000) } = options;
  const headers = secrets.map((each) =>
    Stripe.webhooks.generateTestHeaderString({ payload, secret: each, timestamp }),
  );
  const signatures = headers.map((header) => header.slice(header.indexOf(',')));
  return { payload: Buffer.from(payload), signature: `t=${timestamp}${signatures.join('')}` };
}
