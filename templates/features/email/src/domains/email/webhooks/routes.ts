import { z } from 'zod';
import { json, open, raw, reply, route, type Route } from '#app/http/route.ts';
import { emailEventsNotConfigured, invalidEventSignature } from '../errors.ts';
import { receiveEvent, type EventDeps } from './receive.ts';

/** Bytes. Resend's events have a thousand or two. */
const payloadLimit = 64 * 1024;

const EmailEventReceipt = z
  .object({
    received: z.literal(true),
    duplicate: z.literal(true).optional().describe('It was taken before.'),
    ignored: z.literal(true).optional().describe('It says nothing against an address.'),
  })
  .meta({ id: 'EmailEventReceipt' });

export function resendRoutes(deps: EventDeps): Route[] {
  return [
    route({
      method: 'post',
      path: '/webhooks/email/resend',
      summary: 'Take an event that Resend has signed',
      guard: open,
      body: raw(payloadLimit, 'application/json'),
      answers: { 200: json(EmailEventReceipt) },
      errors: [invalidEventSignature, emailEventsNotConfigured],
      handler: async ({ body, request }) => {
        const received = await receiveEvent(deps, body, request.headers);
        return reply(200, {
          received: true,
          ...(received !== 'received' && { [received]: true as const }),
        });
      },
    }),
  ];
}
