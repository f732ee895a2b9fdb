// What operators change about their own sign-in, and that it ends their sessions.
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { authenticator } from '../support/authenticator.ts';
import { useService } from '../support/service.ts';
import {
  auditOf,
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  recoveryCodesOn,
  sendForm,
  signIn,
  type Enrolled,
} from './support/enrolled.ts';
import { ageProof, removeSessions } from './support/stored-sessions.ts';

const service = useService();
const newPassword = 'another long password';

test('a new password takes the old one, ends every session, and is good to sign in with', async () => {
  const { operator, here, elsewhere } = await twoSessions();
  const change = (currentPassword: string, password: string) =>
    post(here, 'change-password', { currentPassword, password });

  expect((await change('not the password', newPassword)).status).toBe(422);
  expect((await change(operator.password, 'short')).status).toBe(422);
  expect((await change(operator.password, 'password123')).status).toBe(422);
  expect(await areLive(here, elsewhere)).toEqual([true, true]);

  const changed = await change(operator.password, newPassword);
  expect(changed.headers.get('location')).toBe('/admin/sign-in?done=password-changed');
  expect(await areLive(here, elsewhere)).toEqual([false, false]);
  expect((await signIn(service, { ...operator, code: await operator.code() })).status).toBe(422);
  const given = { ...operator, password: newPassword, code: await operator.code() };
  expect((await signIn(service, given)).status).toBe(303);
  await expectRecorded(operator, 'admin.password_changed');
});

test('a password that is to be proved first is on no page', async () => {
  const { operator, here } = await twoSessions();
  await ageProof(service, operator.id);
  const asked = await post(here, 'change-password', {
    currentPassword: operator.password,
    password: newPassword,
  });
  expect([asked.status, asked.body]).toEqual([403, expect.stringContaining('name="_code"')]);
  expect(asked.body).toContain('name="currentPassword"');
  expect(asked.body).not.toContain(operator.password);
  expect(asked.body).not.toContain(newPassword);
});

test('new recovery codes take the place of the old ones', async () => {
  const { operator, here } = await twoSessions();
  const codes = recoveryCodesOn(await post(here, 'renew-codes'));
  expect(codes).toHaveLength(10);
  const [old = '', fresh = ''] = [operator.recoveryCodes[0], codes[0]];
  expect((await signIn(service, { ...operator, code: old })).status).toBe(422);
  expect((await signIn(service, { ...operator, code: fresh })).status).toBe(303);
  await expectRecorded(operator, 'admin.recovery_codes_renewed');
});

test('another app takes the place of the one there was, with new codes, and every session ends', async () => {
  const { operator, here, elsewhere } = await twoSessions();
  const offered = await offer(here);
  const wrong = await post(here, 'confirm-app', { offer: offered.offer, code: '000000' });
  expect(wrong.body).toContain('This is not the code that the app shows now');
  expect(await areLive(here, elsewhere)).toEqual([true, true]);

  const show = authenticator(offered.secret);
  const replaced = await post(here, 'confirm-app', { offer: offered.offer, code: show() });
  const codes = recoveryCodesOn(replaced);
  expect(codes).toHaveLength(10);
  expect(await areLive(here, elsewhere)).toEqual([false, false]);
  for (const code of [await operator.code(), operator.recoveryCodes[0] ?? '']) {
    expect((await signIn(service, { ...operator, code })).status).toBe(422);
  }
  expect((await signIn(service, { ...operator, code: codes[0] ?? '' })).status).toBe(303);
  expect((await signIn(service, { ...operator, code: show() })).status).toBe(303);
  await expectRecorded(operator, 'admin.second_factor_replaced');
});

test('the secret that was offered to one is no app of another', async () => {
  const [{ here: one }, { here: other }] = [await twoSessions(), await twoSessions()];
  const { offer: theirs, secret } = await offer(one);
  const answer = await post(other, 'confirm-app', { offer: theirs, code: authenticator(secret)() });
  expect(answer.body).toContain('This is not the code that the app shows now');
});

test('operators see where they are signed in, and end a session of theirs and of nobody else', async () => {
  const { operator, here, elsewhere } = await twoSessions();
  const stranger = (await twoSessions()).here;
  const page = await service.get('/admin/me', { cookie: here });
  const ids = [...String(page.body).matchAll(/name="id" value="([\da-f-]{36})"/g)].map(
    ([, id = '']) => id,
  );
  // One of the accepted invitation, and one of the other browser.
  expect(ids).toHaveLength(2);
  for (const id of ids) {
    await post(stranger, 'end-session', { id });
  }
  expect(await areLive(here, elsewhere)).toEqual([true, true]);
  for (const id of ids) await post(here, 'end-session', { id });
  expect(await areLive(here, elsewhere)).toEqual([true, false]);
  await expectRecorded(operator, 'admin.session_ended');
});

test('a session that somebody ends meanwhile changes nothing of the sign-in any more', async () => {
  const { operator, here } = await twoSessions();
  const holder = await createConnection(service.database.url);
  await holder.query('START TRANSACTION');
  await holder.execute('SELECT id FROM admin_users WHERE id = ? FOR UPDATE', [operator.id]);
  const renewed = post(here, 'renew-codes');
  // What the server tells of locks is anew only where nobody has asked for a tenth of a second.
  await expect.poll(() => waitsFor(operator), { interval: 300, timeout: 10_000 }).toBe(true);
  await removeSessions(service, operator.id);
  await holder.query('COMMIT');
  await holder.end();

  expect((await renewed).status).toBe(303);
  const [code = ''] = operator.recoveryCodes;
  expect((await signIn(service, { ...operator, code })).status).toBe(303);
});

/** Whether a statement about an operator waits for a lock. */
async function waitsFor({ id }: Enrolled): Promise<boolean> {
  const [rows] = await service.database.connection.query<RowDataPacket[]>(
    "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE ?",
    [`%${id}%`],
  );
  return rows.length > 0;
}

async function twoSessions() {
  const operator = await enrol(service);
  const [{ session: here }, { session: elsewhere }] = [
    await cookiesOf(service, operator),
    await cookiesOf(service, operator),
  ];
  return { operator, here, elsewhere };
}

/** Has a new app set up, but for its first code. */
async function offer(cookie: string) {
  const { body } = await post(cookie, 'replace-app');
  const text = String(body);
  return {
    offer: /name="offer" value="([^"]+)"/.exec(text)?.[1] ?? '',
    secret: (/class="secret">([A-Z2-7 ]+)</.exec(text)?.[1] ?? '').replaceAll(' ', ''),
  };
}

async function post(cookie: string, action: string, fields: Record<string, string> = {}) {
  const token = formTokenOn(await service.get('/admin/me', { cookie }));
  return sendForm(
    service,
    `/admin/me/${action}`,
    { _token: token, ...fields },
    { ...fromOwnPage, cookie },
  );
}

function areLive(...cookies: string[]): Promise<boolean[]> {
  return Promise.all(
    cookies.map(async (cookie) => (await service.get('/admin/me', { cookie })).status === 200),
  );
}

async function expectRecorded({ id }: Enrolled, action: string): Promise<void> {
  const admin = `admin:${id}`;
  expect(await auditOf(service, action)).toContainEqual(
    expect.objectContaining({ actor: admin, subject: admin }),
  );
}
