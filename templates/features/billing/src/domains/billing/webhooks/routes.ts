import { z } from 'zod';
import { json, open, raw, reply, route, type Route } from '#app/http/route.ts';
import { billingNotConfigured, invalidSignature } from '../errors.ts';
import type { BillingService } from '../service.ts';

/** Bytes. Stripe's events have some thousands. */
const payloadLimit = 256 * 1024;

const WebhookReceipt = z
  .object({
    received: z.literal(true),
    duplicate: z.literal(true).optional().describe('It was stored before.'),
    ignored: z.literal(true).optional().describe('Nothing is done about such events.'),
  })
  .meta({ id: 'WebhookReceipt' });

export function webhookRoutes({ inbox }: Pick<BillingService, 'inbox'>): Route[] {
  return [
    route({
      method: 'post',
      path: '/webhooks/stripe',
      summary: 'Take an event that Stripe has signed',
      guard: open,
      body: raw(payloadLimit, 'application/json'),
      answers: { 200: json(WebhookReceipt) },
      errors: [invalidSignature, billingNotConfigured],
      handler: async ({ body, request }) => {
        const signature = request.headers['stripe-signature'];
        const received = await inbox.receive(body, signature?.toString());
        return reply(200, {
          received: true,
          ...(received !== 'received' && { [received]: true as const }),
        });
      },
    }),
  ];
}
