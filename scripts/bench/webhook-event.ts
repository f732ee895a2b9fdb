import { randomBytes } from 'node:crypto';
import { type Agent, request } from 'node:http';
import { Stripe } from 'stripe';

import { production } from '../lib/production.ts';

/** A type about which nothing is done but what is measured. */
export const eventType = 'product.updated';

export interface Delivery {
  body: string;
  headers: Record<string, string>;
}

/** So many events as Stripe would send them, each its own, signed now: they are good for 5 minutes. */
export function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, () => delivery());
}

/** @throws Error where it is not taken */
export function send(url: string, { body, headers }: Delivery, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
      response.resume().once('end', () => {
        if (response.statusCode === 200) resolve();
        else reject(new Error(`An event was answered with ${response.statusCode}.`));
      });
    });
    sent.once('error', reject).end(body);
  });
}

function delivery(): Delivery {
  const body = JSON.stringify(event(), null, 2);
  const secret = production.STRIPE_WEBHOOK_SECRETS;
  const signature = Stripe.webhooks.generateTestHeaderString({ payload: body, secret });
  return { body, headers: { 'content-type': 'application/json', 'stripe-signature': signature } };
}

/** With as much in it as most of Stripe's have: between one and two thousand bytes. */
function event(): object {
  const now = Math.floor(Date.now() / 1000);
  const id = randomBytes(12).toString('hex');
  return {
    id: `evt_${id}`,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: now,
    data: {
      object: {
        id: `prod_${id.slice(0, 14)}`,
        object: 'product',
        active: true,
        attributes: [],
        created: now - 86_400,
        default_price: `price_${id}`,
        description: 'For teams that have outgrown a spreadsheet, with everything in it. '.repeat(
          8,
        ),
        images: [],
        livemode: false,
        marketing_features: Array.from({ length: 5 }, (_, at) => ({ name: `Feature ${at}` })),
        metadata: { plan: 'pro', tier: 'professional' },
        name: 'Professional',
        package_dimensions: null,
        shippable: null,
        statement_descriptor: null,
        tax_code: 'txcd_10103001',
        type: 'service',
        unit_label: 'seat',
        updated: now,
        url: null,
      },
      previous_attributes: { updated: now - 3600 },
    },
    livemode: false,
    pending_webhooks: 1,
    request: { id: `req_${id.slice(0, 14)}`, idempotency_key: id },
    type: eventType,
  };
}
