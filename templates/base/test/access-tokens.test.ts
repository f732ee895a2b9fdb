import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { pino } from 'pino';
import { decodeJwt, SignJWT } from 'jose';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { accessTokens, type AccessTokens } from '#app/domains/auth/access-tokens.ts';
import { createKeyringFile, fileStore } from '#app/domains/auth/keys/file-store.ts';
import { holdRing, type HeldRing } from '#app/domains/auth/keys/held-ring.ts';
import type { KeyStore } from '#app/domains/auth/keys/store.ts';
import { temporaryFolder } from './support/folder.ts';

const origin = 'https://app.example.com';
const now = Math.floor(Date.now() / 1000);
const good = {
  header: { alg: 'HS256', typ: 'at+jwt' } as Record<string, string>,
  claims: {
    iss: origin,
    aud: `${origin}/v1`,
    sub: randomUUID(),
    jti: randomUUID(),
    acc: randomUUID(),
    sid: randomUUID(),
    iat: now,
    exp: now + 900,
  } as Record<string, unknown>,
};

let store: KeyStore;
let keyring: HeldRing;
let tokens: AccessTokens;

beforeAll(async () => {
  const path = join(await temporaryFolder(), 'jwt-keys.json');
  await createKeyringFile(path);
  store = fileStore(path);
  keyring = await holdRing({ store, log: pino({ level: 'silent' }) });
  tokens = accessTokens(keyring, origin);
});

const sign = (header: Record<string, string | undefined>, claims: Record<string, unknown>) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', kid: keyring.primary.kid, ...header })
    .sign(keyring.primary.key);

test('a good token speaks for its user', async () => {
  const { sub, acc, sid } = good.claims;
  expect(await tokens.verify(await sign(good.header, good.claims))).toEqual({
    userId: sub,
    accountId: acc,
    sessionId: sid,
  });
});

test('what it issues, it takes', async () => {
  const identity = { userId: randomUUID(), accountId: randomUUID(), sessionId: randomUUID() };
  expect(await tokens.verify(await tokens.issue(identity))).toEqual(identity);
});

test('who acts in the place of its user is named in it, and nobody where it is the user', async () => {
  const identity = { userId: randomUUID(), accountId: randomUUID(), sessionId: randomUUID() };
  const token = await tokens.issue({ ...identity, actor: 'helper:1' });
  expect(decodeJwt(token)['act']).toEqual({ sub: 'helper:1' });
  expect(await tokens.verify(token)).toEqual({ ...identity, actor: 'helper:1' });
  expect(decodeJwt(await tokens.issue(identity))).not.toHaveProperty('act');
});

test('a token ends as soon as it is told to, and never later than any other', async () => {
  const identity = { userId: randomUUID(), accountId: randomUUID(), sessionId: randomUUID() };
  const lifetimes = await Promise.all(
    [60, 3600].map(async (seconds) => {
      const { iat = 0, exp = 0 } = decodeJwt(await tokens.issue(identity, seconds));
      return exp - iat;
    }),
  );
  expect(lifetimes).toEqual([60, 900]);
});

test.for([
  ['without an end', {}, { exp: undefined }],
  ['without a beginning', {}, { iat: undefined }],
  ['without a subject', {}, { sub: undefined }],
  ['without an id', {}, { jti: undefined }],
  ['that has ended', {}, { iat: now - 931, exp: now - 31 }],
  ['older than any that is issued, whatever end it names', {}, { iat: now - 960, exp: now + 900 }],
  ['from the future', {}, { iat: now + 60 }],
  ['of another issuer', {}, { iss: 'https://other.example.com' }],
  ['for another audience', {}, { aud: origin }],
  ['of another type', { typ: 'JWT' }, {}],
  ['that names a key which is not there', { kid: '0123456789abcdef' }, {}],
  ['that names no key', { kid: undefined }, {}],
  ['that says who acts, but not in an object', {}, { act: 'helper:1' }],
  ['in which nothing acts', {}, { act: null }],
  ['in which nobody acts', {}, { act: {} }],
  ['in which somebody without a name acts', {}, { act: { sub: '' } }],
  ['in which a number acts', {}, { act: { sub: 1 } }],
] as const)('J1: a token %s is refused', async ([, header, claims]) => {
  expect(
    await tokens.verify(await sign({ ...good.header, ...header }, { ...good.claims, ...claims })),
  ).toBeUndefined();
});

afterEach(() => vi.useRealTimers());

test.for([30, -30])(
  'a token of a clock that is %s s off is good for as long as any',
  async (off) => {
    const identity = { userId: randomUUID(), accountId: randomUUID(), sessionId: randomUUID() };
    const start = Date.now();
    const at = (seconds: number) => vi.setSystemTime(start + seconds * 1000);
    vi.useFakeTimers({ toFake: ['Date'] });

    at(off);
    const token = await tokens.issue(identity);
    at(0);
    expect(await tokens.verify(token)).toEqual(identity);
    at(899);
    expect(await tokens.verify(token)).toEqual(identity);
    at(961);
    expect(await tokens.verify(token)).toBeUndefined();
  },
);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('J1: another algorithm is refused, with the right key as well as without a signature', async () => {
  const { kid } = keyring.primary;
  const unsigned = `${encode({ alg: 'none', typ: 'at+jwt', kid })}.${encode(good.claims)}.`;
  expect(await tokens.verify(unsigned)).toBeUndefined();
  const { ring } = await store.read();
  const hs512 = await crypto.subtle.importKey(
    'raw',
    ring.primary.secret,
    { name: 'HMAC', hash: 'SHA-512' },
    false,
    ['sign'],
  );
  const other = await new SignJWT(good.claims)
    .setProtectedHeader({ alg: 'HS512', typ: 'at+jwt', kid })
    .sign(hs512);
  expect(await tokens.verify(other)).toBeUndefined();
});
