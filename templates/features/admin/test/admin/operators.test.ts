// Inviting operators, and what is changed about them. There is always an owner who can sign in.
import { randomUUID } from 'node:crypto';
import { beforeEach, expect, test } from 'vitest';
import { authenticator } from '../support/authenticator.ts';
import { request, useService, type Answer } from '../support/service.ts';
import {
  auditOf,
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  invite,
  openInvitation,
  recoveryCodesOn,
  sendForm,
  signIn,
} from './support/enrolled.ts';

const service = useService();
const password = 'a good long password';

// Those of another test can sign in no more, so that each begins without an owner.
beforeEach(() => sql('UPDATE admin_users SET disabled_at = UTC_TIMESTAMP(3)'));

test('who is invited sets a password and an app up, gets ten codes, and is signed in', async () => {
  const owner = await signedIn();
  const email = `${randomUUID().slice(0, 8)}@example.com`;
  const shown = await owner.post('/admin/operators/invite', { email, role: 'support' });
  const link = linkOn(shown);
  expect(link).toContain('http://localhost:3000/admin/invitation?token=');
  const token = tokenOf(link);
  const { page, offer, secret } = await openInvitation(service, token);
  expect([page.status, page.body]).toEqual([200, expect.stringContaining(email)]);
  expect(page.body).toContain('src="data:image/svg+xml;base64,');

  const answer = await accept({ token, offer, password, code: authenticator(secret)() });
  expect(answer.status).toBe(200);
  expect(new Set(recoveryCodesOn(answer)).size).toBe(10);
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const home = await service.get('/admin/me', { cookie });
  expect([home.status, home.body]).toEqual([200, expect.stringContaining('Support')]);

  const subject = `admin:${await idOf(email)}`;
  expect((await auditOf(service, 'admin.invited')).at(-1)).toEqual({
    actor: `admin:${owner.id}`,
    action: 'admin.invited',
    subject,
    detail: { email, role: 'support' },
  });
  expect((await auditOf(service, 'admin.invitation_accepted')).at(-1)).toMatchObject({
    actor: subject,
    subject,
  });
});

test('an invitation is shown once, is kept as a hash, and works once, also for twenty at once', async () => {
  const { token } = await invite(service);
  const offers = await Promise.all(
    Array.from({ length: 20 }, () => openInvitation(service, token)),
  );
  const answers = await Promise.all(
    offers.map(({ offer, secret }) =>
      accept({ token, offer, password, code: authenticator(secret)() }),
    ),
  );
  const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
  expect(statuses).toEqual([200, ...Array(19).fill(410)]);
  expect((await openInvitation(service, token)).page.status).toBe(410);
  const [kept] = await sql(
    'SELECT COUNT(*) AS count FROM admin_users WHERE invitation_hash = ?',
    token,
  );
  expect(kept).toEqual({ count: 0 });
});

test.for([
  ['it is a day old', 'invitation_expires_at = UTC_TIMESTAMP(3)'],
  ['its operator is disabled', 'disabled_at = UTC_TIMESTAMP(3)'],
] as const)('an invitation does not work where %s', async ([, change]) => {
  const { id, token } = await invite(service);
  const { offer, secret } = await openInvitation(service, token);
  await sql(`UPDATE admin_users SET ${change} WHERE id = ?`, id);
  expect((await openInvitation(service, token)).page.status).toBe(410);
  const fields = { token, offer, password, code: authenticator(secret)() };
  expect((await accept(fields)).status).toBe(410);
});

test('an invitation is accepted with a good password, its own secret, and its code, from its own page', async () => {
  const [{ token }, other] = [await invite(service), await invite(service)];
  const { offer, secret } = await openInvitation(service, token);
  const elsewhere = await openInvitation(service, other.token);
  const right = { token, offer, password, code: authenticator(secret)() };
  const refused = [
    { ...right, password: 'short' },
    { ...right, password: 'password123' },
    { ...right, code: '000000' },
    { ...right, offer: '' },
    { ...right, offer: elsewhere.offer, code: authenticator(elsewhere.secret)() },
  ];
  for (const fields of refused) {
    const answer = await accept(fields);
    expect(answer.status).toBe(422);
    expect(answer.headers.getSetCookie()).toEqual([]);
  }
  const foreign = await accept(right, { 'sec-fetch-site': 'cross-site' });
  expect(foreign.status).toBe(403);
  // What was typed wrong costs nothing: the secret that the app has is still offered.
  expect((await accept(right)).status).toBe(200);
});

test('two owners who take each other’s role at once leave one', async () => {
  const [first, second] = [await signedIn(), await signedIn()];
  await Promise.all([
    first.post(`/admin/operators/${second.id}/change-role`, { role: 'read-only' }),
    second.post(`/admin/operators/${first.id}/change-role`, { role: 'read-only' }),
  ]);
  expect(await roles(first.id, second.id)).toEqual(['owner', 'read-only']);
});

test.for(['change-role', 'disable', 'reset'] as const)(
  'the last owner who can sign in stays: %s',
  async (action) => {
    const owner = await signedIn();
    // Neither of them could come in and help.
    await invite(service, 'owner');
    await sql(
      'UPDATE admin_users SET disabled_at = NOW(3) WHERE id = ?',
      (await enrol(service)).id,
    );
    const fields = { role: 'support', _confirm: 'on' };
    const answer = await owner.post(`/admin/operators/${owner.id}/${action}`, fields);
    expect([answer.status, answer.body]).toEqual([
      422,
      expect.stringContaining('Nobody else could sign in as owner'),
    ]);
    expect((await owner.get('/admin/operators')).status).toBe(200);

    await enrol(service);
    const taken = await owner.post(`/admin/operators/${owner.id}/${action}`, fields);
    expect([200, 303]).toContain(taken.status);
    expect((await owner.get('/admin/me')).status).toBe(303);
  },
);

test.for([
  ['change-role', 'admin.role_changed', { from: 'owner', to: 'support' }],
  ['disable', 'admin.disabled', null],
  ['reset', 'admin.reset', null],
] as const)(
  '%s ends the sessions of the operator, and is recorded',
  async ([name, act, detail]) => {
    const [owner, other] = [await signedIn(), await signedIn()];
    const fields = { role: 'support', _confirm: 'on' };
    await owner.post(`/admin/operators/${other.id}/${name}`, fields);
    expect((await other.get('/admin/me')).status).toBe(303);
    expect((await owner.get('/admin/me')).status).toBe(200);
    expect((await auditOf(service, act)).at(-1)).toEqual({
      actor: `admin:${owner.id}`,
      action: act,
      subject: `admin:${other.id}`,
      detail,
    });
  },
);

test('a reset takes password, app and recovery codes, and gives a new invitation', async () => {
  const [owner, other] = [await signedIn(), await enrol(service)];
  const shown = await owner.post(`/admin/operators/${other.id}/reset`, { _confirm: 'on' });
  const token = tokenOf(linkOn(shown));
  for (const code of [await other.code(), other.recoveryCodes[0] ?? '']) {
    expect((await signIn(service, { ...other, code })).status).toBe(422);
  }
  const { offer, secret } = await openInvitation(service, token);
  expect(secret).not.toBe(other.secret);
  const fields = { token, offer, password, code: authenticator(secret)() };
  expect((await accept(fields)).status).toBe(200);
});

test('who is disabled is kept out until enabled again', async () => {
  const [owner, other] = [await signedIn(), await enrol(service)];
  await owner.post(`/admin/operators/${other.id}/disable`);
  const given = async () => ({ ...other, code: await other.code() });
  expect((await signIn(service, await given())).status).toBe(422);
  expect((await owner.get('/admin/operators')).body).toContain('disabled');
  await owner.post(`/admin/operators/${other.id}/enable`);
  expect((await signIn(service, await given())).status).toBe(303);
});

test('an address is invited once', async () => {
  const owner = await signedIn();
  const answer = await owner.post('/admin/operators/invite', {
    email: owner.email.toUpperCase(),
    role: 'support',
  });
  expect([answer.status, answer.body]).toEqual([
    422,
    expect.stringContaining('There is an operator with this address'),
  ]);
});

test('who lost the right while asking changes nothing', async () => {
  const [owner, other] = [await signedIn(), await signedIn()];
  const { connection } = service.database;
  await connection.query('START TRANSACTION');
  await connection.query("UPDATE admin_users SET role = 'support' WHERE id = ?", [owner.id]);
  // Its guard still sees an owner; then it waits for the lock.
  const asked = owner.post(`/admin/operators/${other.id}/disable`);
  await expect.poll(isLocking, { timeout: 10_000 }).toBe(true);
  await connection.query('COMMIT');
  expect((await asked).status).toBe(403);
  expect((await other.get('/admin/me')).status).toBe(200);
});

async function signedIn() {
  const operator = await enrol(service);
  const { session: cookie } = await cookiesOf(service, operator);
  return { ...operator, ...clientOf(cookie) };
}

function clientOf(cookie: string) {
  const get = (path: string) => service.get(path, { cookie });
  return {
    get,
    async post(path: string, fields: Record<string, string> = {}): Promise<Answer> {
      const token = formTokenOn(await get('/admin/me'));
      return sendForm(service, path, { _token: token, ...fields }, { ...fromOwnPage, cookie });
    },
  };
}

/** The link that a page shows as text. */
function linkOn({ body }: Answer): string {
  return (/<code>(http[^<]+)</.exec(String(body))?.[1] ?? '').replace('&#61;', '=');
}

const tokenOf = (link: string): string => new URL(link).searchParams.get('token') ?? '';

function accept(fields: Record<string, string>, headers = fromOwnPage): Promise<Answer> {
  return request(service.url, '/admin/invitation', {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
  });
}

async function roles(...ids: string[]): Promise<string[]> {
  const rows = await sql('SELECT role FROM admin_users WHERE id IN (?, ?)', ...ids);
  return rows.map(({ role }) => String(role)).toSorted((a, b) => a.localeCompare(b));
}

async function idOf(email: string): Promise<string> {
  return String((await sql('SELECT id FROM admin_users WHERE email = ?', email))[0]?.['id']);
}

/** Whether the operators are being locked just now, which takes a while where another has a lock. */
async function isLocking(): Promise<boolean> {
  const waiting = await sql(
    "SELECT 1 FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%admin_users%for update%' AND id <> CONNECTION_ID()",
  );
  return waiting.length > 0;
}

async function sql(text: string, ...values: string[]): Promise<Record<string, unknown>[]> {
  const [rows] = await service.database.connection.query(text, values);
  return rows as Record<string, unknown>[];
}
