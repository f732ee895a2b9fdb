// What Resend tells of mails that did not arrive, or were not wanted.
import { createHash, randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { describe, expect, test } from 'vitest';
import { request, useService, type Answer } from '../support/service.ts';
import { signUp } from '../support/users.ts';
import { mailEvent, signed, webhookSecret, type SignedEvent } from './support/fake-resend.ts';

const olderSecret = `whsec_${randomBytes(24).toString('base64')}`;
const service = useService({ RESEND_WEBHOOK_SECRETS: `${webhookSecret},${olderSecret}` });
const path = '/webhooks/email/resend';

const newAddress = () => `${randomBytes(6).toString('hex')}@example.com`;
const hard = { bounce: 'Permanent' };
const bounce = (address: string) => mailEvent('email.bounced', address, hard);
const complaint = (address: string) => mailEvent('email.complained', address);

function send({ payload, headers }: SignedEvent): Promise<Answer> {
  return request(service.url, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: payload,
  });
}

async function select(query: string, ...values: unknown[]): Promise<RowDataPacket[]> {
  const [found] = await service.database.connection.query<RowDataPacket[]>(query, values);
  return found;
}

/** Why an address gets no mail; nothing where it does. */
async function reasonFor(address: string): Promise<unknown> {
  const [row] = await select(
    'SELECT reason FROM email_suppressions WHERE address = ? AND allowed_at IS NULL',
    address,
  );
  return row?.['reason'];
}

/** Allows an address again, by the database's clock. */
const allowAgain = (address: string) =>
  select('UPDATE email_suppressions SET allowed_at = UTC_TIMESTAMP(3) WHERE address = ?', address);

test.for([
  ['a bounce for good', 'email.bounced', hard, 'bounce'],
  ['a complaint', 'email.complained', {}, 'complaint'],
  ['a mail that Resend did not send', 'email.suppressed', {}, 'refused'],
] as const)('%s suppresses the address', async ([, type, more, reason]) => {
  const address = newAddress();
  const { status, body } = await send(signed(mailEvent(type, address, more)));
  expect([status, body]).toEqual([200, { received: true }]);
  expect(await reasonFor(address)).toBe(reason);
});

test.for([
  ['email.bounced', { bounce: 'Transient' }],
  ['email.bounced', { bounce: 'Temporary' }],
  ['email.bounced', { bounce: 'Undetermined' }],
  ['email.delivery_delayed', {}],
  ['email.delivered', {}],
  ['contact.created', {}],
  ['something.new', {}],
] as const)('%s %j suppresses nothing', async ([type, more]) => {
  const address = newAddress();
  const { status, body } = await send(signed(mailEvent(type, address, more)));
  expect([status, body]).toEqual([200, { received: true, ignored: true }]);
  expect(await reasonFor(address)).toBeUndefined();
});

test('an address is the same in whatever letters it comes', async () => {
  const address = newAddress();
  await send(signed(mailEvent('email.bounced', ` ${address.toUpperCase()} `, hard)));
  expect(await reasonFor(address)).toBe('bounce');
});

describe('an event that nobody whom we know has signed', () => {
  const cases: Record<string, (sent: SignedEvent) => SignedEvent> = {
    'no signature': ({ payload }) => ({ payload, headers: {} }),
    'another payload': ({ payload, headers }) => ({ payload: `${payload} `, headers }),
    'another id': ({ payload, headers }) => ({
      payload,
      headers: { ...headers, 'svix-id': 'msg_other' },
    }),
    'another time': ({ payload, headers }) => ({
      payload,
      headers: { ...headers, 'svix-timestamp': String(Number(headers['svix-timestamp']) + 1) },
    }),
    'no time': ({ payload, headers }) => ({
      payload,
      headers: { ...headers, 'svix-timestamp': 'NaN' },
    }),
    'another version': ({ payload, headers }) => ({
      payload,
      headers: {
        ...headers,
        'svix-signature': headers['svix-signature']?.replace('v1,', 'v2,') ?? '',
      },
    }),
    'part of a signature': ({ payload, headers }) => ({
      payload,
      headers: { ...headers, 'svix-signature': headers['svix-signature']?.slice(0, -2) ?? '' },
    }),
    'an empty signature': ({ payload, headers }) => ({
      payload,
      headers: { ...headers, 'svix-signature': 'v1,' },
    }),
  };

  test.for(Object.keys(cases))('%s: is refused, and changes nothing', async (name) => {
    const address = newAddress();
    const sent = cases[name]?.(signed(complaint(address))) ?? signed({});
    const { status, body } = await send(sent);
    expect([status, body.code]).toEqual([400, 'invalid_event_signature']);
    expect(await reasonFor(address)).toBeUndefined();
  });

  test.for([
    ['by a foreign secret', { secrets: [`whsec_${randomBytes(24).toString('base64')}`] }],
    ['six minutes ago', { age: 360 }],
    ['in six minutes', { age: -360 }],
  ] as const)('signed %s: is refused', async ([, options]) => {
    const { status, body } = await send(signed(complaint(newAddress()), options));
    expect([status, body.code]).toEqual([400, 'invalid_event_signature']);
  });

  test('while a secret is rotated, either is enough', async () => {
    const foreign = `whsec_${randomBytes(24).toString('base64')}`;
    for (const secrets of [[olderSecret], [foreign, webhookSecret]]) {
      const address = newAddress();
      expect((await send(signed(complaint(address), { secrets }))).status).toBe(200);
      expect(await reasonFor(address)).toBe('complaint');
    }
  });
});

test.for([
  'nothing',
  '{}',
  '[]',
  JSON.stringify({
    type: 'email.complained',
    created_at: 'yesterday',
    data: { to: ['a@b.example'] },
  }),
  JSON.stringify({ type: 'email.bounced', created_at: '2030-01-01T00:00:00Z', data: { to: [] } }),
  JSON.stringify({ ...mailEvent('email.complained', 'no address'), more: true }),
])('what is signed and no event is refused: %s', async (payload) => {
  const { status, body } = await send(signed(payload));
  expect([status, body.code]).toEqual([400, 'malformed_request']);
});

test('an event that is longer than any is refused', async () => {
  const { status } = await send(signed('x'.repeat(65 * 1024)));
  expect(status).toBe(413);
});

test('an event counts once, however often it comes, also after the address was allowed again', async () => {
  const address = newAddress();
  // By a clock that is ahead of the database's, its time alone would not tell that it is an old one.
  const ahead = new Date(Date.now() + 60_000);
  const sent = signed(mailEvent('email.bounced', address, { ...hard, at: ahead }));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(sent)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(answers.filter(({ body }) => body.duplicate === true)).toHaveLength(9);
  expect(await acts(address)).toHaveLength(1);

  await allowAgain(address);
  expect((await send(sent)).body).toEqual({ received: true, duplicate: true });
  expect(await reasonFor(address)).toBeUndefined();
});

test('what comes late, of a time before the address was allowed again, does not count', async () => {
  const address = newAddress();
  const before = new Date();
  await send(signed(mailEvent('email.bounced', address, { ...hard, at: before })));
  await allowAgain(address);
  await send(signed(mailEvent('email.complained', address, { at: before })));
  expect(await reasonFor(address)).toBeUndefined();

  const after = new Date(Date.now() + 60_000);
  await send(signed(mailEvent('email.bounced', address, { ...hard, at: after })));
  expect(await reasonFor(address)).toBe('bounce');
});

test('whichever of two events comes first, the one that weighs more is kept', async () => {
  for (const order of [
    [bounce, complaint],
    [complaint, bounce],
  ]) {
    const address = newAddress();
    for (const event of order) await send(signed(event(address)));
    expect(await reasonFor(address)).toBe('complaint');
  }
});

test('the audit log has whose address it is, and no address', async () => {
  const { email } = await signUp(service);
  const [user] = await select('SELECT id FROM users WHERE email = ?', email);
  await send(signed(mailEvent('email.bounced', email, hard)));
  const [act] = await select(
    'SELECT * FROM audit_log WHERE subject = ?  AND action LIKE ?',
    `user:${user?.['id']}`,
    'email.%',
  );
  expect(act).toMatchObject({ actor: 'system', action: 'email.suppressed' });
  expect(JSON.parse(act?.['detail'])).toEqual({ reason: 'bounce' });

  const address = newAddress();
  await send(signed(mailEvent('email.bounced', address, hard)));
  expect(await acts(address)).toMatchObject([{ actor: 'system', action: 'email.suppressed' }]);
  const all = JSON.stringify([await select('SELECT * FROM audit_log'), service.log]);
  for (const one of [email, address]) expect(all).not.toContain(one);
});

/** What the audit log has of an address that is nobody's. */
function acts(address: string): Promise<RowDataPacket[]> {
  const hash = createHash('sha256').update(address).digest('hex');
  return select('SELECT * FROM audit_log WHERE subject = ? ORDER BY id', `address:${hash}`);
}
