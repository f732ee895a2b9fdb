import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';

let fake: FakeStripe;
let endpoint: Server;
let received: Stripe.Event[] = [];
let refusals = 0;

beforeAll(async () => {
  fake = await startFakeStripe({ retryAfterMs: 1 });
  endpoint = createServer((request, response) => {
    void take(request).then((status) => response.writeHead(status).end());
  }).listen(0, '127.0.0.1');
  await once(endpoint, 'listening');
  // A TCP server's address is an object.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  fake.deliverTo(`http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/hook`);
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await fake.close();
  endpoint.close();
});

/** Takes a delivery as a service does: an event that is not signed fails the test. */
async function take(request: IncomingMessage): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  refusals -= 1;
  if (refusals >= 0) return 503;
  const signature = request.headers['stripe-signature'] ?? '';
  const event = Stripe.webhooks.constructEvent(
    Buffer.concat(chunks),
    signature,
    fake.webhookSecret,
  );
  received.push(event);
  return 200;
}

const price = {
  lookupKey: 'x',
  unitAmount: 100,
  currency: 'usd',
  interval: 'month',
  productName: 'X',
} as const;

test('events are sent again until they are taken', async () => {
  refusals = 3;
  fake.addPrice(price);
  await fake.settled();
  expect(received.map(({ type }) => type).toSorted()).toEqual(['price.created', 'product.created']);
  expect(fake.webhooks.attempts.map(({ status }) => status)).toEqual([503, 503, 503, 200, 200]);
});

test('events can come twice, and in another order', async () => {
  fake.webhooks.duplicate(2);
  fake.webhooks.hold();
  fake.addPrice({ ...price, lookupKey: 'y' });
  await fake.settled();
  expect(received).toHaveLength(0);
  fake.webhooks.release(7);
  await fake.settled();
  expect(received).toHaveLength(2);
});
