import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { invalidSignature } from '#app/domains/billing/errors.ts';
import { newEvent, secret, signed, type Signed } from './support/events.ts';
import { useInbox, type TestInbox } from './support/inbox.ts';

const bench: TestInbox = useInbox();
const now = () => Math.floor(Date.now() / 1000);

test('an event is stored as it came, and processed before it is answered', async () => {
  const { sendSigned } = await bench.serve();
  const event = newEvent({ created: 1_700_000_000 });
  const sent = signed(`${JSON.stringify(event, undefined, 2)}\n`);
  const { status, body } = await sendSigned(sent);
  expect({ status, body }).toEqual({ status: 200, body: { received: true } });
  expect(await bench.rows()).toMatchObject([
    {
      provider: 'stripe',
      event_id: event.id,
      type: 'customer.updated',
      livemode: 0,
      api_version: event['api_version'],
      event_created: 1_700_000_000,
      payload: sent.payload,
      state: 'processed',
      attempts: 1,
      lease_token: null,
      available_at: null,
    },
  ]);
  expect(await bench.effects()).toEqual([event.id]);
});

const noEvent = 'malformed_request';
const notSigned = 'invalid_signature';

test.for<[string, string, () => Signed]>([
  [
    'that was tampered with',
    notSigned,
    () => ({ ...signed(newEvent()), payload: signed(newEvent()).payload }),
  ],
  ['signed with another secret', notSigned, () => signed(newEvent(), { secrets: ['whsec_other'] })],
  ['that is stale', notSigned, () => signed(newEvent(), { timestamp: now() - 310 })],
  ['from the future', notSigned, () => signed(newEvent(), { timestamp: now() + 310 })],
  ['signed by another scheme', notSigned, () => spoilt((header) => header.replace('v1=', 'v0='))],
  ['with a header that says nothing', notSigned, () => spoilt(() => ';;')],
  ['with an empty header', notSigned, () => spoilt(() => '')],
  ['with no body', notSigned, () => ({ ...signed(''), payload: Buffer.alloc(0) })],
  ['that is no JSON', noEvent, () => signed('{"id":')],
  ['that is no event', noEvent, () => signed(newEvent({ object: 'v2.core.event' }))],
  ['with a bad id', noEvent, () => signed(newEvent({ id: "evt_1' OR 1=1" }))],
  [
    'with an id that is too long',
    noEvent,
    () => signed(newEvent({ id: `evt_${'x'.repeat(251)}` })),
  ],
  ['with a null id', noEvent, () => signed(newEvent({ id: null }))],
  ['with no type', noEvent, () => signed(newEvent({ type: undefined }))],
])('W8: one %s is refused with 400 and not stored', async ([, code, sent]) => {
  const { sendSigned } = await bench.serve();
  const { status, body } = await sendSigned(sent());
  expect({ status, code: body.code }).toEqual({ status: 400, code });
  expect(await bench.rows()).toEqual([]);
});

const spoilt = (spoil: (header: string) => string): Signed => {
  const sent = signed(newEvent());
  return { ...sent, signature: spoil(sent.signature) };
};

test('W8: one without the header is refused with 400 and not stored', async () => {
  const { inbox } = await bench.serve();
  const receiving = inbox.receive(signed(newEvent()).payload, undefined);
  await expect(receiving).rejects.toHaveProperty('kind', invalidSignature);
  expect(await bench.rows()).toEqual([]);
});

test('W8: 300 kB are refused with 413, and so is what becomes that much when it is unpacked', async () => {
  const { sendSigned } = await bench.serve();
  const large = signed(newEvent({ filling: 'x'.repeat(300_000) }));
  expect((await sendSigned(large)).status).toBe(413);
  const bomb = { ...large, payload: gzipSync(large.payload) };
  expect(bomb.payload.length).toBeLessThan(5000);
  expect((await sendSigned(bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
  expect(await bench.rows()).toEqual([]);
});

test('an event that is just small enough is taken, packed or not', async () => {
  const { sendSigned } = await bench.serve();
  const bytes = 256 * 1024;
  const event = newEvent({ filling: '' });
  const { length } = signed(event).payload;
  const large = signed({ ...event, filling: 'x'.repeat(bytes - length) });
  expect(large.payload).toHaveLength(bytes);
  expect((await sendSigned(large)).body).toEqual({ received: true });
  const packed = { ...large, payload: gzipSync(large.payload) };
  const { body } = await sendSigned(packed, { 'content-encoding': 'gzip' });
  expect(body).toEqual({ received: true, duplicate: true });
});

test.for([
  ['sk_test_1', true],
  ['rk_live_1', false],
])(
  'W8: with a key %s an event of livemode %s is kept, has no effect and raises an alarm',
  async ([key = '', livemode]) => {
    const { send } = await bench.serve(undefined, {
      environment: { STRIPE_SECRET_KEY: String(key) },
    });
    const event = newEvent({ livemode });
    expect((await send(event)).body).toEqual({ received: true, ignored: true });
    expect((await send(event)).body).toEqual({ received: true, duplicate: true });
    expect(await bench.rows()).toMatchObject([
      {
        state: 'ignored',
        attempts: 0,
        available_at: null,
        last_error: 'It is of the other mode than the key',
      },
    ]);
    expect(await bench.effects()).toEqual([]);
    expect(bench.lines).toContainEqual(
      expect.objectContaining({ level: 'error', eventId: event.id, livemode }),
    );
  },
);

test('an event of a type that nothing is done about is kept, and no alarm is raised', async () => {
  const { send } = await bench.serve();
  const { body } = await send(newEvent({ type: 'customer.tax_id.created' }));
  expect(body).toEqual({ received: true, ignored: true });
  expect(await bench.rows()).toMatchObject([
    { state: 'ignored', available_at: null, last_error: 'This version handles no such type' },
  ]);
  expect(bench.lines.filter(({ level }) => level !== 'info')).toEqual([]);
});

test('an event in the shape of another version is processed, and a warning logged', async () => {
  const { send } = await bench.serve();
  const event = newEvent({ api_version: '2020-08-27' });
  expect((await send(event)).body).toEqual({ received: true });
  expect(await bench.effects()).toEqual([event.id]);
  expect(bench.lines).toContainEqual(
    expect.objectContaining({ level: 'warn', eventId: event.id, apiVersion: '2020-08-27' }),
  );
});

test('an event of a version with a longer name than there is room for is processed', async () => {
  const { send } = await bench.serve();
  const name = `2030-01-01.${'preview_'.repeat(8)}`;
  expect((await send(newEvent({ api_version: name }))).body).toEqual({ received: true });
  expect(await bench.rows()).toMatchObject([
    { state: 'processed', api_version: name.slice(0, 40) },
  ]);
});

test('where no secret is set the sender is told to come again', async () => {
  const { send } = await bench.serve(undefined, { environment: { STRIPE_WEBHOOK_SECRETS: '' } });
  const { status, body } = await send(newEvent());
  expect({ status, code: body.code }).toEqual({ status: 503, code: 'billing_not_configured' });
});

const [old, next] = ['whsec_old', 'whsec_next'];

test.for([
  ['the old secret alone', old, [[old], [old, next]], [[next]]],
  // As they come out of a file or a shell.
  ['both', ` ${old} ,${next}\n`, [[old], [next], [old, next]], [[secret]]],
  ['the new secret alone', `\n${next} `, [[next], [old, next]], [[old]]],
] as const)(
  'W9: with %s set, what those sign is taken and nothing else',
  async ([, set, taken, refused]) => {
    const { sendSigned } = await bench.serve(undefined, {
      environment: { STRIPE_WEBHOOK_SECRETS: set },
    });
    for (const secrets of taken) {
      expect((await sendSigned(signed(newEvent(), { secrets }))).body).toEqual({ received: true });
    }
    for (const secrets of refused) {
      expect((await sendSigned(signed(newEvent(), { secrets }))).status).toBe(400);
    }
    expect(await bench.effects()).toHaveLength(taken.length);
  },
);
