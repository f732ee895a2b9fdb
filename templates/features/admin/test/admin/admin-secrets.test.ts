// Nothing secret of operators is in the log, the audit log, or in the database as it is.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromBase32 } from '../support/authenticator.ts';
import { useService } from '../support/service.ts';
import {
  cookiesOf,
  enrol,
  formTokenOn,
  fromOwnPage,
  recoveryCodesOn,
  sendForm,
  signIn,
} from './support/enrolled.ts';
import { storedSessions } from './support/stored-sessions.ts';

const service = useService({ LOG_LEVEL: 'trace' });

test('no secret of a sign-in is in any log line, or in a table as it is', async () => {
  const operator = await enrol(service);
  const { session, browser } = await cookiesOf(service, operator);
  const typed = 'a password typed wrong';
  await signIn(service, { ...operator, password: typed, code: '123123' });
  const cookie = session;
  const formToken = formTokenOn(await service.get('/admin/me', { cookie }));
  const post = (path: string, fields: Record<string, string>) =>
    sendForm(service, path, { _token: formToken, ...fields }, { ...fromOwnPage, cookie });
  const invited = await post('/admin/operators/invite', {
    email: 'invited@example.com',
    role: 'support',
  });
  const invitation = /token&#61;([\w-]{43})/.exec(invited.body)?.[1] ?? '';
  await service.get(`/admin/invitation?token=${invitation}`);
  const renewed = recoveryCodesOn(await post('/admin/me/renew-codes', {}));
  expect(renewed).toHaveLength(10);
  const used = renewed[0] ?? '';
  await signIn(service, { ...operator, code: used });
  await failInTheDatabase(() => post('/admin/me/renew-codes', { _code: used }));

  const secret = fromBase32(operator.secret);
  const secrets = [
    operator.password,
    typed,
    operator.secret,
    secret.toString('base64url'),
    secret.toString('hex'),
    session.replace('sid=', ''),
    browser.split('=')[1] ?? '',
    formToken,
    invitation,
    ...operator.recoveryCodes,
    ...renewed,
    ...renewed.map((code) => code.replaceAll('-', '')),
  ];
  expect(secrets.every((each) => each.length >= 16)).toBe(true);
  const log = service.log.map((line) => JSON.stringify(line)).join('\n');
  expect(log).toContain('/admin/sign-in');
  expect(log).toContain('"level":"error"');
  expect(secrets.filter((each) => log.includes(each))).toEqual([]);
  expect(log).not.toMatch(/(?<![\w.-])123123(?!\w)/);

  const tables = await everything();
  expect(tables).toContain(createHash('sha256').update(invitation).digest('hex'));
  expect(secrets.filter((each) => tables.includes(each))).toEqual([]);
});

/** Has statements fail meanwhile, whose values drivers like to put into their errors. */
async function failInTheDatabase(work: () => Promise<{ status: number; body: unknown }>) {
  const { connection } = service.database;
  await connection.query('RENAME TABLE admin_recovery_codes TO admin_recovery_codes_away');
  const { status, body } = await work();
  await connection.query('RENAME TABLE admin_recovery_codes_away TO admin_recovery_codes');
  expect(status).toBe(500);
  // A page that says nothing of it.
  expect(body).toContain('<h1>Internal error</h1>');
  expect(body).not.toContain('admin_recovery_codes');
}

/** Every row of the tables that could hold them, and every session, bytes as hex. */
async function everything(): Promise<string> {
  const names = ['admin_users', 'admin_recovery_codes', 'audit_log', 'auth_attempts'];
  const { connection } = service.database;
  const tables = await Promise.all(
    names.map(async (name) => (await connection.query(`SELECT * FROM ${name}`))[0]),
  );
  const stored = [...tables, await storedSessions(service)];
  return JSON.stringify(stored, (_key, value: unknown) =>
    isBytes(value) ? Buffer.from(value.data).toString('hex') : value,
  );
}

function isBytes(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer';
}
