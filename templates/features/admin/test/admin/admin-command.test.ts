// npm run admin: the way to the first operator, and back in when everybody is locked out.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase, type Database } from '#app/database/database.ts';
import { createLog } from '#app/log.ts';
import { openSealing } from '#app/platform/sealing.ts';
import { readOrder, usage } from '../../src/commands/admin/order.ts';
import { runAdmin } from '../../src/commands/admin/run-admin.ts';
import { authenticator } from '../support/authenticator.ts';
import { runCommand, runHere } from '../support/command.ts';
import { testSettings, useService } from '../support/service.ts';
import { auditOf, cookiesOf, enrol, openInvitation, sendForm, signIn } from './support/enrolled.ts';

const service = useService();
const settings = { APP_ORIGIN: 'https://app.example.com' };
const newAddress = () => `${randomBytes(6).toString('hex')}@example.com`;

let database: Database;
beforeAll(async () => {
  const given = testSettings(service.database, { SEALING_KEY_FILE: service.sealingKeyFile });
  const sealing = await openSealing({ settings: given, log: createLog({ LOG_LEVEL: 'silent' }) });
  database = await openDatabase({ settings: given, sealing });
});
afterAll(() => database.close());

test('the command, run: it invites an owner, says how long, and has no password', async () => {
  const email = newAddress();
  const ran = await runCommand('admin.ts', ['create', email], {
    DATABASE_URL: service.database.url,
    APP_ORIGIN: 'https://app.example.com',
    ADMIN_ORIGIN: 'https://admin.example.com',
    SEALING_KEY_FILE: service.sealingKeyFile,
    NODE_ENV: 'test',
  });
  expect(ran).toMatchObject({ code: 0, errors: '' });
  expect(ran.output).toContain(`${email} is invited as owner`);
  expect(ran.output).toContain('24 hours');
  const [, token = ''] =
    /https:\/\/admin\.example\.com\/admin\/invitation\?token=([\w-]{43})\n/.exec(ran.output) ?? [];

  const { offer, secret } = await openInvitation(service, token);
  const fields = { token, offer, password: 'a good long password', code: authenticator(secret)() };
  const accepted = await sendForm(service, '/admin/invitation', fields);
  expect(accepted.status).toBe(200);
  const { actor, subject } = (await auditOf(service, 'admin.invited')).at(-1) ?? {};
  expect(actor).toMatch(/^operator:/);
  expect(subject).toMatch(/^admin:/);
});

test('it lists, changes and resets operators, and ends their sessions', async () => {
  const [operator] = [await enrol(service), await enrol(service)];
  const { session: cookie } = await cookiesOf(service, operator);
  const { email } = operator;

  expect(await run('role', email, 'support')).toMatchObject({ code: 0 });
  expect((await service.get('/admin/me', { cookie })).status).toBe(303);
  expect((await run('list')).output).toContain(`${email}  support    active`);
  expect(await run('disable', email.toUpperCase())).toMatchObject({ code: 0 });
  expect((await run('list')).output).toContain(`${email}  support    disabled`);
  expect(await run('enable', email)).toMatchObject({ code: 0 });
  const reset = await run('reset', email);
  expect(reset.output).toMatch(/https:\/\/app\.example\.com\/admin\/invitation\?token=[\w-]{43}\n/);
  expect((await signIn(service, { ...operator, code: await operator.code() })).status).toBe(422);
});

test('as JSON it says the same to a program', async () => {
  const email = newAddress();
  const created = JSON.parse((await run('create', email, '--role', 'read-only', '--json')).output);
  expect(created).toEqual({
    email,
    link: expect.stringContaining('/admin/invitation?token='),
    hours: 24,
  });
  const { operators } = JSON.parse((await run('list', '--json')).output);
  expect(operators).toContainEqual(
    expect.objectContaining({ email, role: 'read-only', state: 'invited' }),
  );
});

test('the last owner is neither disabled nor given another role, but can be reset', async () => {
  await service.database.connection.query('UPDATE admin_users SET disabled_at = NOW(3)');
  const { email } = await enrol(service);
  for (const args of [
    ['disable', email],
    ['role', email, 'support'],
  ]) {
    const refused = await run(...args);
    expect(refused).toMatchObject({ code: 3, output: '' });
    expect(refused.errors).toContain('Nobody else could sign in as owner');
  }
  expect(await run('reset', email)).toMatchObject({ code: 0 });
});

test('what cannot be done is one sentence', async () => {
  const { email } = await enrol(service);
  expect(await run('create', email)).toMatchObject({
    code: 3,
    errors: 'There is an operator with this address.\n',
  });
  const missing = newAddress();
  expect(await run('disable', missing)).toMatchObject({
    code: 3,
    errors: `There is no operator ${missing}; list shows them.\n`,
  });
});

test.for([
  [[], usage],
  [['create'], usage],
  [['create', 'a@example.com', 'more'], usage],
  [['list', 'a@example.com'], usage],
  [['disable', 'a@example.com', '--role', 'owner'], usage],
  [['role', 'a@example.com'], usage],
  [['create', 'nobody'], 'nobody is not an e-mail address.'],
  [['create', 'a@example.com', '--role', 'king'], 'There is no role king'],
  [['create', 'a@example.com', '--password', 'x'], '--password'],
] as const)('%j is refused before anything is looked at', async ([args, message]) => {
  const ran = await run(...args);
  expect(ran.code).toBe(2);
  expect(ran.errors).toContain(message);
});

const run = (...args: readonly string[]) =>
  runHere(async (print) => runAdmin(readOrder([...args]), { database, settings }, print));
