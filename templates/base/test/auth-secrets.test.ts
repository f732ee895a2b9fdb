// Nothing secret is logged: not where all goes well, not where it is refused, and not where the
// database fails over it.
import { randomBytes } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { authenticator } from './support/authenticator.ts';
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
  expect([...run.secrets].filter((secret) => log.includes(secret))).toEqual([]);
});

interface Input {
  readonly json?: object;
  readonly form?: object;
  readonly query?: string;
  readonly accessToken?: string;
  readonly id?: string;
}

type Run = ReturnType<typeof recordedRun>;

/** Sends requests, and keeps which routes did what they are for, and every secret there was. */
function recordedRun() {
  const used = new Set<string>();
  const secrets = new Set<string>();

  const secret = (suffix = ''): string => {
    const made = randomBytes(16).toString('hex') + suffix;
    secrets.add(made);
    return made;
  };

  const send = async (route: string, input: Input = {}): Promise<Answer['body']> => {
    const { json, form, query = '', accessToken, id = '{id}' } = input;
    const [method = '', path = ''] = route.split(' ');
    const answer = await request(service.url, path.replace('{id}', id) + query, {
      method: method.toUpperCase(),
      headers: {
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(form !== undefined && { body: new URLSearchParams(form as Record<string, string>) }),
    });
    if (answer.status < 400) used.add(route);
    for (const given of secretsIn(answer.body)) secrets.add(given);
    return answer.body;
  };

  /** The token of a link in a mail. */
  const mailed = async (email: string, count: number): Promise<string> => {
    const token = tokenIn(await mailTo(service.mailFolder, email, count));
    secrets.add(token);
    return token;
  };

  return { used, secrets, secret, send, mailed };
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
  await useAccountRoutes(run, { email, password, accessToken });
  await usePages(run);
  await useSecondFactor(run);
  await send('post /v1/auth/logout', { json: { refreshToken } });
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

async function useSecondFactor({ send, secret, mailed }: Run): Promise<void> {
  const [email, password] = [secret('@example.com'), secret()];
  await send('post /v1/auth/register', { json: { email, password } });
  await send('post /v1/auth/email/verify', { json: { token: await mailed(email, 1) } });
  const { accessToken } = await send('post /v1/auth/login', { json: { email, password } });
  const post = (route: string, json: object) => send(route, { accessToken, json });

  const begun = await post('post /v1/auth/totp', { currentPassword: password });
  const code = authenticator(begun.secret)();
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
