import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { startFakeStripe } from '../../dev/stripe/server.ts';
import { temporaryFolder } from '../support/folder.ts';
import { clientOf } from './support/fake-client.ts';
import { prices } from './support/prices.ts';

const program = join(import.meta.dirname, 'support/kept-stripe.ts');
const day = 86_400;

let status = 200;
let received: string[] = [];
const endpoint = createServer((request, response) => {
  void idIn(request).then((id) => response.writeHead(take(id)).end());
});
let file = '';

beforeEach(async () => {
  status = 200;
  received = [];
  file = join(await temporaryFolder(), 'state.json');
  await once(endpoint.listen(0, '127.0.0.1'), 'listening');
});
afterEach(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});

async function idIn(request: IncomingMessage): Promise<string> {
  return Reflect.get(Object(await json(request)), 'id');
}

function take(id: string): number {
  received.push(id);
  endpoint.emit('received');
  return status;
}

/** Starts one in a process of its own, from what the file has of an earlier one. */
async function start() {
  // A TCP server's address is an object.
  const { port } = endpoint.address() as AddressInfo;
  const child = spawn(process.execPath, [program, file, `http://127.0.0.1:${port}/`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = await once(createInterface(child.stdout), 'line');
  const reached = JSON.parse(line) as { url: string; secretKey: string; webhookSecret: string };
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { url: reached.url, client: clientOf(reached), kill };
}

async function press(url: string, action: string, target = ''): Promise<void> {
  const body = new URLSearchParams({ action, target });
  await fetch(url, { method: 'POST', body, redirect: 'manual' });
}

test('its state can be kept for another time', async () => {
  const earlier = await startFakeStripe({ prices, file });
  const { id } = await clientOf(earlier).customers.create({ email: 'kept@example.com' });
  await earlier.close();

  const later = await startFakeStripe({ prices, file });
  expect(await clientOf(later).customers.retrieve(id)).toMatchObject({ email: 'kept@example.com' });
  expect(later.objects.prices.size).toBe(prices.length);
  await later.close();
});

test('what it has answered is there after it was killed, also what no event tells of', async () => {
  const first = await start();
  const { id: customer, created } = await first.client.customers.create({});
  const { data } = await first.client.prices.list({ limit: 1 });
  const asked = {
    mode: 'subscription' as const,
    customer,
    line_items: data.map(({ id }) => ({ price: id, quantity: 1 })),
    success_url: 'http://localhost/ok',
  };
  const key = { idempotencyKey: 'kept' };
  const session = await first.client.checkout.sessions.create(asked, key);
  await first.kill();

  const second = await start();
  const { sessions } = second.client.checkout;
  expect(await sessions.retrieve(session.id)).toMatchObject({ status: 'open' });
  const again = await sessions.create(asked, key);
  expect(again.id).toBe(session.id);
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  await press(second.url, 'month');
  await press(second.url, 'decline', customer);
  await second.kill();

  const third = await start();
  expect(await (await fetch(third.url)).text()).toContain('Cards are declined.');
  const next = await third.client.customers.create({});
  expect(next.created - created).toBeGreaterThanOrEqual(31 * day);
});

test.each([
  ['was not taken', 503, ''],
  ['is kept back', 200, 'hold'],
])('an event that %s when it is killed is sent after that', async (_, answered, action) => {
  status = answered;
  const earlier = await start();
  if (action !== '') await press(earlier.url, action);
  const { id: customer } = await earlier.client.customers.create({});
  const { data } = await earlier.client.events.list({ type: 'customer.created' });
  expect(data).toMatchObject([{ data: { object: { id: customer } }, pending_webhooks: 1 }]);
  if (action === '' && received.length === 0) await once(endpoint, 'received');
  await earlier.kill();

  status = 200;
  received = [];
  const { client } = await start();
  if (received.length === 0) await once(endpoint, 'received');
  const undelivered = () => client.events.list({ delivery_success: false });
  await expect.poll(async () => (await undelivered()).data, { timeout: 20_000 }).toEqual([]);
  // What the first one had sent may have come only now, too.
  expect(new Set(received)).toEqual(new Set(data.map(({ id }) => id)));
});
