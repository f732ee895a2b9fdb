import { createServer, type IncomingMessage, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { FakeStripe } from '../../dev/stripe/fake-stripe.ts';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { shuffled } from '../../dev/stripe/webhooks.ts';
import { clientOf } from './support/fake-client.ts';

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
  fake.webhooks.duplicate(1);
  expect(received).toHaveLength(2);
});

test('a seed gives one order, and another seed another', () => {
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(shuffled(items, 7)).toEqual(shuffled(items, 7));
  expect(shuffled(items, 7)).not.toEqual(shuffled(items, 8));
  expect(shuffled(items, 7).toSorted((a, b) => a - b)).toEqual(items);
});

test('an event can be lost, and sent again by hand', async () => {
  fake.webhooks.drop(1, 'product.created');
  const made = fake.events.length;
  fake.addPrice({ ...price, lookupKey: 'z', productName: 'Z' });
  await fake.settled();
  expect(received.map(({ type }) => type)).toEqual(['price.created']);
  const lost = fake.events[made];
  if (lost) fake.webhooks.send(lost);
  await fake.settled();
  expect(received.map(({ type }) => type)).toEqual(['price.created', 'product.created']);
});

test('an event is delivered once its endpoint has taken it, and those of before are, too', async () => {
  const client = clientOf(fake);
  const list = async (delivered: boolean) => {
    const { data } = await client.events.list({ delivery_success: delivered, limit: 100 });
    return data.map(({ id, pending_webhooks: pending }) => [id, pending]);
  };
  await fake.settled();
  const before = fake.events.map(({ id }) => [id, 0]).toReversed();
  fake.webhooks.drop(1);
  await client.products.create({ name: 'Lost' });
  const lost = fake.events.at(-1);
  if (lost === undefined) throw new Error('There is no event');
  expect(await list(false)).toEqual([[lost.id, 1]]);
  expect(await list(true)).toEqual(before);

  fake.webhooks.send(lost);
  await fake.settled();
  expect(await list(false)).toEqual([]);
  expect(await list(true)).toEqual([[lost.id, 0], ...before]);
});

test('an event is sent once where it is not to be sent again', async () => {
  fake.webhooks.retry(false);
  refusals = 1;
  fake.addPrice({ ...price, lookupKey: 'w', productName: 'Z' });
  await fake.settled();
  fake.webhooks.retry(true);
  expect(received).toEqual([]);
  expect(fake.webhooks.attempts.at(-1)?.status).toBe(503);
});

test('a test can sign and send an event by itself', () => {
  const event = fake.events[0];
  if (!event) throw new Error('There is no event');
  const { body, signature } = fake.webhooks.sign(event);
  const taken = Stripe.webhooks.constructEvent(body, signature, fake.webhookSecret);
  expect(taken.id).toBe(event.id);
  const other = fake.webhooks.sign(event, 'whsec_other');
  expect(() =>
    Stripe.webhooks.constructEvent(other.body, other.signature, fake.webhookSecret),
  ).toThrow(/signature/i);
});
