// Input as nobody would mean it: a valid request with something about it spoilt, or no request at
// all. The same seed gives the same input.
import { randomInt } from 'node:crypto';
import type { DescribedRoute } from './all-routes.ts';

/** Draws numbers from a seed (mulberry32). */
export function randomFrom(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(values: readonly T[]): T => {
    const value = values[below(values.length)];
    if (value === undefined) throw new Error('There is nothing to pick');
    return value;
  };
  return { below, pick };
}

type Random = ReturnType<typeof randomFrom>;

/** The seed of this run's bad input, and how to repeat it. */
export function badInputSeed() {
  const seed = numberFrom('BAD_INPUT_SEED') ?? randomInt(2 ** 31);
  const count = process.env['BAD_INPUT_REQUESTS'];
  const ofCount = count === undefined ? '' : ` BAD_INPUT_REQUESTS=${count}`;
  return { seed, repeatedBy: `BAD_INPUT_SEED=${seed}${ofCount}` };
}

/** How many bad requests a route gets: as many as `BAD_INPUT_REQUESTS` says, else so many. */
export function badRequestsPerRoute(usual: number): number {
  return numberFrom('BAD_INPUT_REQUESTS') ?? usual;
}

function numberFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(
    `${name}=${text} is not a whole number: unset it, or give one of 0 or more.`,
  );
}

/** A request in full, to be sent again by hand. A long run of one character is told by its length. */
export function describedRequest(path: string, { method, headers, body }: RequestInit): string {
  const text = JSON.stringify({ method, path, headers, body });
  return text.replaceAll(/(.)\1{99,}/gsu, (run) => `<${run.length} times ${run[0]}>`);
}

const longText = 'x'.repeat(5000);
const texts = [
  '',
  ' ',
  '0',
  'null',
  longText,
  '\u0000',
  '\uD800',
  '\u202E',
  '🔑'.repeat(64),
  '%00',
  '../../etc/passwd',
  "' OR 1=1 -- ",
  '"><script>alert(1)</script>',
  'a@b',
  'someone@example.com',
  `${'a'.repeat(250)}@example.com`,
  'a@example.com\r\nBcc: b@example.com',
  'a long enough password',
  'eyJhbGciOiJub25lIn0.e30.',
  '00000000-0000-4000-8000-000000000000',
  '123456',
];
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  [],
  {},
  [[[[]]]],
  { toString: 1 },
  Array.from({ length: 1000 }, () => null),
  ...texts,
  ...texts,
];
const keys = ['__proto__', 'constructor', 'toString', '', '~/', 'role', longText];
const largeBody = `"${'x'.repeat(100_000)}"`;
const spoiltBodies = [
  '',
  '{',
  '[]',
  'null',
  '"text"',
  '{"a":}',
  '\uFEFF{}',
  '['.repeat(20_000),
  largeBody,
  '\u0000',
];
const types = [
  'text/plain',
  'application/json; charset=utf-16',
  'application/x-www-form-urlencoded',
  'multipart/form-data',
  'application/problem+json',
  ';;',
];
/** The service's own origin in tests, from which its cookies are taken. */
export const ownOrigin = 'http://localhost:3000';
/** Cookies by the names that the service gives them on http. */
export const badCookies = [
  'refresh=',
  'refresh=%E0%A4%A; device=%00',
  'refresh="; device="',
  `refresh=${longText}; device=${longText}`,
  'refresh==;device==; refresh=a; device=a',
  'refresh=\u00FF; device=\u00FF',
  "refresh=' OR 1=1 -- ; device={}",
];
const headers: readonly Record<string, string>[] = [
  { authorization: 'Bearer ' },
  { authorization: 'Bearer a.b.c' },
  { authorization: `Bearer ${longText}` },
  { authorization: 'Basic OjpAOg==' },
  { 'user-agent': 'ÿ'.repeat(2000) },
  { 'user-agent': '' },
  { cookie: `=; ;;a; refresh=${longText}` },
  { cookie: 'refresh=a', 'sec-fetch-site': 'cross-site' },
  ...badCookies.map((cookie) => ({ cookie, origin: ownOrigin })),
  { 'x-forwarded-for': "', not an address" },
  { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'javascript' },
  { 'content-encoding': 'gzip' },
  { 'content-encoding': 'br, br' },
  { accept: ',,;' },
  { origin: 'null' },
  { 'idempotency-key': longText },
];

/** What a route gets whatever the seed: a body that is too large, and a cookie from elsewhere. */
export function badInEveryRun({ path, method, contentType }: DescribedRoute) {
  const type = contentType !== undefined && { 'content-type': contentType };
  const init = (more: Record<string, string>, body: string): RequestInit => ({
    method: method.toUpperCase(),
    headers: { ...type, ...more },
    ...(method !== 'get' && { body }),
  });
  return [
    { path, init: init({}, largeBody) },
    { path, init: init({ cookie: 'refresh=a', 'sec-fetch-site': 'cross-site' }, '{}') },
  ];
}

/**
 * A request that means harm, or nothing.
 *
 * @param authorization what signs a user in: half of the requests come from one
 */
export function badRequest(
  random: Random,
  route: DescribedRoute,
  authorization: Record<string, string>,
): { path: string; init: RequestInit } {
  const { method, contentType } = route;
  const path = route.path.replaceAll(/\{\w+\}/g, () =>
    random.pick(['%00', '%E0%A4%A', '%2e%2e', '0', longText, encodeURIComponent("' OR 1=1")]),
  );
  const query = random.pick([
    '',
    '',
    '?token=%00',
    '?token=a&token=b',
    `?token=${longText}`,
    '?=&&',
  ]);
  const sent = {
    ...(random.below(2) === 0 && authorization),
    ...(contentType !== undefined && { 'content-type': contentType }),
    ...(random.below(4) === 0 && { 'content-type': random.pick(types) }),
    ...(random.below(3) === 0 && random.pick(headers)),
  };
  const body = method === 'get' ? undefined : bodyFor(random, route);
  return {
    path: path + query,
    init: { method: method.toUpperCase(), headers: sent, ...(body !== undefined && { body }) },
  };
}

function bodyFor(random: Random, { contentType, fields }: DescribedRoute): string {
  if (random.below(5) === 0) return random.pick(spoiltBodies);
  const entries = fields.map((field) => [field, random.pick(values)]);
  if (random.below(3) === 0) entries.splice(random.below(entries.length + 1), 1);
  if (random.below(3) === 0) entries.push([random.pick(keys), random.pick(values)]);
  if (contentType === 'application/x-www-form-urlencoded') {
    return entries.map((pair) => pair.map(formText).join('=')).join('&');
  }
  // As text, since an object would not keep a key of the name __proto__.
  return `{${entries.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join(',')}}`;
}

function formText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return encodeURIComponent(text.toWellFormed());
}
