// Nothing secret is logged: not where all goes well, not where it is refused, and not where the
// database fails over it.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from 'vitest';
import { authenticator, fromBase32 } from './support/authenticator.ts';
import { ownOrigin } from './support/bad-input.ts';
import { tokenIn } from './support/mailed-links.ts';
import { mailTo } from './support/sent-mail.ts';
import { describedRoutes, type DescribedRoute } from './support/all-routes.ts';
import { request, useService, type Answer } from './support/service.ts';

const service = useService({ LOG_LEVEL: 'trace' });

let routes: DescribedRoute[];
beforeAll(async () => {
  routes = await describedRoutes(service, 'auth');
});

test('no secret is in any log line of a run that used every route, and failed in every way', async () => {
  const run = recordedRun();
  await useEveryRoute(run);
  const all = routes.map(({ method, path }) => `${method} ${path}`);
  expect([...run.used].toSorted()).toEqual(all.toSorted());
  await failOnEveryRoute(run);

  const log = service.log.map((line) => JSON.stringify(line)).join('\n');
  for (const { path } of routes) expect(log).toContain(path.split('{')[0]);
  expect(log).toContain('"level":"error"');
  expect(run.secrets.size).toBeGreaterThan(20);
  const secrets = [...run.secrets, ...(await keys()), ...databasePassword()];
  expect(secrets.filter((secret) => log.includes(secret))).toEqual([]);
  // Six digits are in many a longer number.
  const isLogged = (code: string) => new RegExp(`(?<![\\w.-])${code}(?!\\w)`).test(log);
  expect([...run.codes].filter(isLogged)).toEqual([]);
});

/** What signs tokens and what seals. Their files hold them in base64url. */
async function keys(): Promise<string[]> {
  const ring: unknown = JSON.parse(await readFile(service.keysFile, 'utf8'));
  const sealing = (await readFile(service.sealingKeyFile, 'utf8')).trim();
  return [...keysIn(ring), sealing].flatMap((key) => {
    const bytes = Buffer.from(key, 'base64url');
    expect(bytes.length).toBeGreaterThanOrEqual(32);
    return printed(bytes);
  });
}

/** Bytes in every way in which they are printed. */
function printed(bytes: Buffer): string[] {
  const texts = (['hex', 'base64', 'base64url'] as const).map((form) => bytes.toString(form));
  return [...texts, [...bytes].join(',')];
}

/** The secret of every slot of a keyring that is filled. */
function keysIn(ring: unknown): string[] {
  const slots = Object.values(ring as object).filter((slot) => typeof slot?.secret === 'string');
  expect(slots).not.toEqual([]);
  return slots.map((slot) => slot.secret);
}

/** As the URL of the database and its driver's options hold it: alone it may be a common word. */
function databasePassword(): string[] {
  const { password } = new URL(service.database.url);
  if (password === '') return [];
  const plain = JSON.stringify(decodeURIComponent(password));
  return [`:${password}@`, `"password":${plain}`];
}

interface Input {
  readonly json?: object;
  readonly form?: object;
  readonly query?: string;
  readonly accessToken?: string;
  readonly cookie?: string;
  readonly id?: string;
}

type Run = ReturnType<typeof recordedRun>;

/** Sends requests, and keeps which routes did what they are for, and every secret there was. */
function recordedRun() {
  const used = new Set<string>();
  const secrets = new Set<string>();
  const codes = new Set<string>();

  const secret = (suffix = ''): string => {
    const made = randomBytes(16).toString('hex') + suffix;
    secrets.add(made);
    return made;
  };

  const exchange = async (route: string, input: Input = {}): Promise<Answer> => {
    const { json, form, query = '', accessToken, cookie, id = '{id}' } = input;
    const [method = '', path = ''] = route.split(' ');
    const answer = await request(service.url, path.replace('{id}', id) + query, {
      method: method.toUpperCase(),
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
        ...(cookie !== undefined && { cookie, origin: ownOrigin }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form as Record<string, string>) }),
    });
    if (answer.status < 400) used.add(route);
    for (const given of secretsIn(answer.body)) secrets.add(given);
    return answer;
  };

  const send = async (route: string, input?: Input): Promise<Answer['body']> =>
    (await exchange(route, input)).body;

  /** Sends cookies. @returns those that it was given, as they are sent back */
  const sendCookie = async (route: string, cookie: string, json: object = {}): Promise<string> => {
    const { status, headers } = await exchange(route, { cookie, json });
    expect(status).toBeLessThan(400);
    const given = headers.getSetCookie().map((each) => each.split(';')[0] ?? '');
    for (const [, token] of given.map((each) => each.split('='))) {
      if (token) secrets.add(token);
    }
    return given.join('; ');
  };

  /** The code that an authenticator app shows. */
  const codeOf = (totpSecret: string): string => {
    for (const form of printed(fromBase32(totpSecret))) secrets.add(form);
    const code = authenticator(totpSecret)();
    codes.add(code);
    return code;
  };

  /** The token of a link in a mail. */
  const mailed = async (email: string, count: number): Promise<string> => {
    const token = tokenIn(await mailTo(service.mailFolder, email, count));
    secrets.add(token);
    return token;
  };

  return { used, secrets, codes, secret, send, sendCookie, codeOf, mailed };
}

/** What an answer gives that signs in, or helps to. */
function secretsIn(body: unknown): string[] {
  if (typeof body !== 'object' || body === null) return [];
  return Object.entries(body).flatMap(([name, value]) => {
    const named = /token|secret|code|uri/i.test(name) && !['tokenType', 'code'].includes(name);
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return named ? values.filter((each) => typeof each === 'string') : [];
  });
}

async function useEveryRoute(run: Run): Promise<void> {
  const { send, secret, mailed } = run;
  const [email, password] = [secret('@example.com'), secret()];
  await send('post /v1/auth/register', { json: { email, password } });
  await send('post /v1/auth/email/verify', { json: { token: await mailed(email, 1) } });

  const { accessToken, refreshToken } = await send('post /v1/auth/login', {
    json: { email, password },
  });
  await send('get /v1/auth/me', { accessToken, query: `?token=${accessToken}` });
  await send('post /v1/auth/refresh', { json: { refreshToken } });
  await useCookies(run, { email, password });
  await useAccountRoutes(run, { email, password, accessToken });
  await usePages(run);
  await useSecondFactor(run);
  await send('post /v1/auth/logout', { json: { refreshToken } });
}

async function useCookies({ sendCookie }: Run, user: object): Promise<void> {
  const login = { ...user, cookie: true };
  const given = await sendCookie('post /v1/auth/login', '', login);
  expect(given).toMatch(/^refresh=[\w-]{43}; device=[\w-]{43}$/);
  const renewed = await sendCookie('post /v1/auth/refresh', given);
  expect(renewed).toMatch(/^refresh=[\w-]{43}/);
  await sendCookie('post /v1/auth/logout', renewed);
}

async function useAccountRoutes(
  { send, secret, mailed }: Run,
  user: { email: string; password: string; accessToken: string },
): Promise<void> {
  const { email, password, accessToken } = user;
  const [changed, reset] = [secret(), secret()];
  await send('post /v1/auth/password/change', {
    accessToken,
    json: { currentPassword: password, password: changed },
  });
  await send('post /v1/auth/email/change', {
    accessToken,
    json: { currentPassword: changed, email: secret('@example.com') },
  });
  await send('post /v1/auth/password/forgot', { json: { email } });
  const token = await mailed(email, 4);
  await send('post /v1/auth/password/reset', { json: { token, password: reset } });
}

async function useSecondFactor({ send, secret, codeOf, mailed }: Run): Promise<void> {
  const [email, password] = [secret('@example.com'), secret()];
  await send('post /v1/auth/register', { json: { email, password } });
  await send('post /v1/auth/email/verify', { json: { token: await mailed(email, 1) } });
  const { accessToken } = await send('post /v1/auth/login', { json: { email, password } });
  const post = (route: string, json: object) => send(route, { accessToken, json });

  const begun = await post('post /v1/auth/totp', { currentPassword: password });
  const code = codeOf(begun.secret);
  const first = await post('post /v1/auth/totp/confirm', { code });
  const [recoveryCode, another] = first.recoveryCodes;
  await send('post /v1/auth/login', { json: { email, password, recoveryCode } });

  const { sessions } = await send('get /v1/auth/sessions', { accessToken });
  await send('delete /v1/auth/sessions/{id}', { accessToken, id: sessions[0].id });
  const proof = { currentPassword: password, recoveryCode: another };
  const second = await post('post /v1/auth/totp/recovery-codes', proof);
  const last = { currentPassword: password, recoveryCode: second.recoveryCodes[0] };
  await post('delete /v1/auth/totp', last);
  await send('post /v1/auth/logout-all', { accessToken });
}

async function usePages({ send, secret, mailed }: Run): Promise<void> {
  const [email, password, next] = [secret('@example.com'), secret(), secret('@example.com')];
  const usePage = async (path: string, token: string, fields: object = {}): Promise<void> => {
    await send(`get ${path}`, { query: `?token=${token}` });
    await send(`post ${path}`, { form: { token, ...fields } });
  };
  await send('get /auth/pages.css');
  await send('post /v1/auth/register', { json: { email, password } });
  const { accessToken } = await send('post /v1/auth/login', { json: { email, password } });
  await mailed(email, 1);
  await send('post /v1/auth/email/resend', { accessToken });
  await usePage('/auth/verify-email', await mailed(email, 2));

  await send('post /v1/auth/email/change', {
    accessToken,
    json: { currentPassword: password, email: next },
  });
  await usePage('/auth/confirm-email-change', await mailed(next, 1));
  await send('get /auth/forgot-password');
  await send('post /auth/forgot-password', { form: { email: next } });
  await usePage('/auth/reset-password', await mailed(next, 2), { password: secret() });
}

/** Has every route refuse secrets, and fail over them for want of a table. */
async function failOnEveryRoute({ send, secret }: Run): Promise<void> {
  const [email, password, token] = [secret('@example.com'), secret(), secret()];
  const values: Record<string, unknown> = {
    email,
    password: secret(),
    token,
    refreshToken: token,
    deviceToken: token,
    currentPassword: password,
    code: '123456',
  };
  const malformed = { [secret()]: token, email: token, password: [password], token: { token } };
  const bodiesOf = ({ contentType, fields }: DescribedRoute) => {
    const named = fields.filter((field) => field in values).map((field) => [field, values[field]]);
    return contentType === undefined ? [undefined] : [Object.fromEntries(named), malformed];
  };
  // Somebody new each time: one of the routes signs out everywhere.
  const signUp = async (): Promise<string> => {
    const user = { email: secret('@example.com'), password };
    await send('post /v1/auth/register', { json: user });
    const { accessToken } = await send('post /v1/auth/login', { json: user });
    return accessToken;
  };
  const sendAll = async (accessToken: string): Promise<void> => {
    for (const route of routes) {
      const { method, path, contentType } = route;
      const query = `?token=${token}`;
      for (const body of bodiesOf(route)) {
        const form = contentType === 'application/x-www-form-urlencoded';
        const sent = body && (form ? { form: body } : { json: body });
        await send(`${method} ${path}`, { accessToken, query, ...sent });
      }
      const cookie = `refresh=${token}; device=${token}`;
      const json = method === 'get' ? undefined : {};
      await send(`${method} ${path}`, { accessToken, query, cookie, ...(json && { json }) });
    }
  };

  await sendAll(await signUp());
  const { connection } = service.database;
  for (const tables of [
    ['audit_log', 'sessions', 'email_tokens'],
    ['accounts', 'users'],
    ['auth_attempts', 'known_devices', 'totp_factors', 'recovery_codes'],
  ]) {
    const accessToken = await signUp();
    for (const table of tables) await connection.query(`RENAME TABLE ${table} TO ${table}_away`);
    await sendAll(accessToken);
    for (const table of tables) await connection.query(`RENAME TABLE ${table}_away TO ${table}`);
  }
}
