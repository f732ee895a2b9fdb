import { createHash } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { readOrder } from '../../src/commands/email/order.ts';
import { runEmail } from '../../src/commands/email/run-email.ts';
import { runCommand, runHere } from '../support/command.ts';
import { sealingSecrets } from '../support/sealing.ts';
import { useEmail } from './support/email.ts';

const email = useEmail();
const run = (...args: string[]) =>
  runHere(async (print) => runEmail(readOrder(args), email.database, print));

test('an address is suppressed and allowed again, and the audit log says by whom', async () => {
  expect(await run('suppress', ' Ann@Example.com')).toEqual({
    code: 0,
    output: 'ann@example.com gets no more mail.\n',
    errors: '',
  });
  const [machine, person] = [await run('list', '--json'), await run('list')];
  expect(JSON.parse(machine.output).suppressions).toMatchObject([
    { address: 'ann@example.com', reason: 'operator' },
  ]);
  expect(person.output).toMatch(/^ann@example\.com {2}operator {2}since 20/);

  expect(await run('allow', 'ann@example.com')).toMatchObject({
    code: 0,
    output: 'ann@example.com gets mail again.\n',
  });
  expect((await run('list')).output).toBe('There is nothing.\n');
  const [acts] = await email.testDatabase.connection.query<RowDataPacket[]>(
    'SELECT actor, action, subject FROM audit_log ORDER BY id',
  );
  const subject = `address:${createHash('sha256').update('ann@example.com').digest('hex')}`;
  expect(acts).toMatchObject([
    { actor: expect.stringMatching(/^operator:/), action: 'email.suppressed', subject },
    { actor: expect.stringMatching(/^operator:/), action: 'email.allowed', subject },
  ]);
});

test('what cannot be done to one address does not keep the others', async () => {
  await run('suppress', 'ann@example.com');
  expect(await run('suppress', 'ann@example.com', 'bob@example.com')).toEqual({
    code: 3,
    output: 'bob@example.com gets no more mail.\n',
    errors: 'ann@example.com gets no mail already.\n',
  });
  expect(await run('allow', 'eve@example.com', '--json')).toEqual({
    code: 3,
    output: '{"results":[{"id":"eve@example.com","outcome":"allowed"}]}\n',
    errors: 'eve@example.com gets mail already.\n',
  });
});

test('addresses are listed by how they begin, taken literally', async () => {
  await run('suppress', 'a_b@example.com', 'acb@example.com', 'b@example.com');
  const listed = async (...args: string[]) =>
    (await run('list', ...args)).output.match(/^\S+@\S+/gm);
  expect(await listed('--beginning', 'A_')).toEqual(['a_b@example.com']);
  expect(await listed('--beginning', '%')).toBeNull();
  expect(await listed('--limit', '2')).toEqual(['a_b@example.com', 'acb@example.com']);
});

test.for([
  [[], 'Usage'],
  [['list', 'ann@example.com'], 'Usage'],
  [['suppress'], 'Usage'],
  [['allow', 'ann@example.com', '--limit', '1'], 'Usage'],
  [['suppress', 'nobody'], 'nobody is no address.'],
  [['list', '--limit', '0'], '--limit is a number'],
  [['list', '--all'], "Unknown option '--all'"],
] as const)('%j is refused with a sentence', async ([args, sentence]) => {
  const { code, errors } = await run(...args);
  expect(code).toBe(2);
  expect(errors).toContain(sentence);
});

test('the command itself does it, in a process of its own', async () => {
  const env = { ...sealingSecrets, DATABASE_URL: email.testDatabase.url, NODE_ENV: 'test' };
  const done = await runCommand('email.ts', ['suppress', 'ann@example.com'], env);
  expect(done).toEqual({ code: 0, output: 'ann@example.com gets no more mail.\n', errors: '' });
});
