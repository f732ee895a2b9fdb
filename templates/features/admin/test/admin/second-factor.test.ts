// A code counts once, however many send it at the same time, and however long it is still shown.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { authenticator } from '../support/authenticator.ts';
import { useService } from '../support/service.ts';
import {
  auditOf,
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  sendForm,
  signIn,
} from './support/enrolled.ts';
import { ageProof } from './support/stored-sessions.ts';

const service = useService();

test('A8: of twenty who use one code at once, one gets in; and nobody does with it afterwards', async () => {
  const operator = await enrol(service);
  const code = await operator.code();
  expect(await statusesOf({ ...operator, code })).toEqual([303, ...Array(19).fill(422)]);
  await forgive();
  expect((await signIn(service, { ...operator, code })).status).toBe(422);
});

test('A8: the same holds for a recovery code, however it is written', async () => {
  const operator = await enrol(service);
  const [code = '', next = ''] = operator.recoveryCodes;
  expect(operator.recoveryCodes).toHaveLength(10);
  expect(await statusesOf({ ...operator, code })).toEqual([303, ...Array(19).fill(422)]);
  await forgive();
  expect((await signIn(service, { ...operator, code })).status).toBe(422);
  const typed = next.toLowerCase().replaceAll('-', ' ');
  expect((await signIn(service, { ...operator, code: typed })).status).toBe(303);
});

test('A8: a code is not taken after a newer one', async () => {
  const operator = await enrol(service);
  const newer = await operator.code();
  expect((await signIn(service, { ...operator, code: newer })).status).toBe(303);
  const older = authenticator(operator.secret)(1);
  expect((await signIn(service, { ...operator, code: older })).status).toBe(422);
});

test('a code that is used up to sign in proves nothing afterwards', async () => {
  const operator = await enrol(service);
  const code = await operator.code();
  const answer = await signIn(service, { ...operator, code });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  await ageProof(service, operator.id);
  expect((await renewCodes(cookie, code)).status).toBe(403);
});

test('who proves the second factor again goes on under another id; the old one is worth nothing', async () => {
  const operator = await enrol(service);
  const { session: before } = await cookiesOf(service, operator);
  await ageProof(service, operator.id);

  const asked = await renewCodes(before);
  expect([asked.status, asked.body]).toEqual([403, expect.stringContaining('still you')]);
  const wrong = await renewCodes(before, '000000');
  expect([wrong.status, wrong.body]).toEqual([403, expect.stringContaining('This code is wrong')]);

  const proved = await renewCodes(before, await operator.code());
  expect([proved.status, proved.body]).toEqual([200, expect.stringContaining('class="codes"')]);
  const after = proved.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  expect(after).not.toBe(before);
  expect((await service.get('/admin/me', { cookie: before })).status).toBe(303);
  // The proof counts for what is done next.
  expect((await renewCodes(after)).status).toBe(200);

  const subject = `admin:${operator.id}`;
  for (const action of ['admin.proof_failed', 'admin.proved']) {
    expect(await auditOf(service, action)).toContainEqual(
      expect.objectContaining({ actor: subject, subject }),
    );
  }
});

test('guessing at the code of a session is slowed down, and does not slow down a sign-in', async () => {
  const operator = await enrol(service);
  const { session } = await cookiesOf(service, operator);
  await ageProof(service, operator.id);
  for (let count = 0; count < 5; count += 1) {
    expect((await renewCodes(session, '000000')).status).toBe(403);
  }
  expect((await renewCodes(session, await operator.code())).status).toBe(429);
  expect((await signIn(service, { ...operator, code: await operator.code() })).status).toBe(303);
});

test('a session goes on after a proof, though what was asked for could not be done', async () => {
  const operator = await enrol(service);
  const { session } = await cookiesOf(service, operator);
  await ageProof(service, operator.id);
  const page = await service.get('/admin/me', { cookie: session });
  const fields = { _token: formTokenOn(page), _code: await operator.code() };
  const missing = `/admin/operators/${randomUUID()}/disable`;
  const answer = await sendForm(service, missing, fields, { ...fromOwnPage, cookie: session });
  expect([answer.status, answer.body]).toEqual([404, expect.stringContaining('no such operator')]);
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  expect((await service.get('/admin/me', { cookie })).status).toBe(200);
});

/** What twenty who sign in at once are answered, where nobody slows them down. */
async function statusesOf(given: { email: string; password: string; code: string }) {
  const forgiving = setInterval(() => void forgive(), 1);
  const attempts: Promise<{ status: number }>[] = [];
  for (let count = 0; count < 20; count += 1) attempts.push(patiently(given));
  const answers = await Promise.all(attempts);
  clearInterval(forgiving);
  return answers.map(({ status }) => status).toSorted((a, b) => a - b);
}

/** Signs in, and tries again where there were too many at once. */
async function patiently(given: { email: string; password: string; code: string }) {
  for (;;) {
    const answer = await signIn(service, given);
    if (answer.status !== 429) return answer;
    await forgive();
  }
}

/** Has all attempts so far be forgotten. */
async function forgive(): Promise<void> {
  await service.database.connection.query('DELETE FROM auth_attempts');
}

/** Does what is sensitive, with a code where one is given. */
async function renewCodes(cookie: string, code?: string) {
  const page = await service.get('/admin/me', { cookie });
  const fields = { _token: formTokenOn(page), ...(code !== undefined && { _code: code }) };
  return sendForm(service, '/admin/me/renew-codes', fields, { ...fromOwnPage, cookie });
}
