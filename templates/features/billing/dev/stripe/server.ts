import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { randomBytes } from 'node:crypto';
import { Stripe } from 'stripe';
import { answerApi, type Api } from './api/answer.ts';
import { createIdempotency } from './api/idempotency.ts';
import { controlsOf } from './controls.ts';
import type { FakeStripe, FakeStripeOptions } from './fake-stripe.ts';
import { createFaults } from './faults.ts';
import { keepState } from './keeping.ts';
import { answerPage } from './pages/index.ts';
import { createState } from './state.ts';
import { createWebhookSender } from './webhooks.ts';

/**
 * Starts a Stripe of one's own on loopback. Its state is in memory, and ends with `close` unless a
 * file is given to keep it in.
 *
 * It speaks the part of Stripe's API that this service uses, sends signed events, and shows pages
 * for a checkout and for the customer portal.
 */
export async function startFakeStripe(options: FakeStripeOptions = {}): Promise<FakeStripe> {
  const { port = 0, prices = [], webhook, file, now, retryAfterMs = 50 } = options;
  const webhookSecret = `whsec_${randomBytes(16).toString('hex')}`;
  const apiVersion = Stripe.API_VERSION;
  const state = createState({
    now: (now ?? new Date()).getTime(),
    apiVersion,
    cause: () => api.cause,
    onEvent: (event) => {
      sender.emitted(event);
      keeper?.changed();
    },
  });
  const keeper = file === undefined ? undefined : keepState(state, file);
  const sender = createWebhookSender({
    state,
    secret: webhookSecret,
    firstWaitMs: retryAfterMs,
    onDelivered: () => keeper?.changed(),
  });
  const keep = () => keeper?.write();
  const api: Api = {
    state,
    secretKey: `sk_test_${randomBytes(12).toString('hex')}`,
    apiVersion,
    faults: createFaults(),
    idempotency: createIdempotency(state.now, state.answers),
    latency: 0,
    cause: { id: null, idempotencyKey: null },
    requests: [],
    keep,
  };
  const server = createServer((request, response) => {
    const isApi = request.url?.startsWith('/v1/') ?? false;
    const answered = isApi
      ? answerApi(api, request, response)
      : answerPage({ state, stripe: controls, keep }, request, response);
    answered.catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  const controls = controlsOf(api, sender, webhookSecret, async () => {
    await stop(server, sender.close);
    keep();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is an object.
  state.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  if (webhook) controls.deliverTo(webhook.url, webhook.secret);
  for (const price of prices) controls.addPrice(price);
  return controls;
}

async function stop(server: Server, closeSender: () => Promise<void>): Promise<void> {
  await closeSender();
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
