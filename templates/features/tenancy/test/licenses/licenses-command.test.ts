import { beforeEach, expect, test } from 'vitest';
import { newId } from '#app/database/id.ts';
import { entitlementNames } from '#app/domains/licenses/entitlements.ts';
import { readOrder } from '../../src/commands/licenses/order.ts';
import { runLicenses } from '../../src/commands/licenses/run-licenses.ts';
import { newOrganization, type TestOrganization } from '../organizations/support/organizations.ts';
import { runCommand, runHere } from '../support/command.ts';
import { licenseActs, useLicenses } from './support/licenses.ts';

const licenses = useLicenses({ ORGANIZATION_SEATS: '2' });

let organization: TestOrganization;
beforeEach(async () => {
  organization = await newOrganization(licenses.service);
});

const run = (...args: string[]) =>
  runHere((print) => runLicenses(readOrder(args), licenses.services, print));

const why = ['--reason', 'contract 4711'];

test('what is granted is in force, is listed, and is recorded with who did it', async () => {
  const { accountId, slug } = organization;
  const names = entitlementNames.join(',');
  const what = ['--seats', '25', '--entitlements', names, '--expires', '2099-12-31'];
  const granted = await run('grant', slug, ...what, ...why);
  expect(granted).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^\S{36} is granted.\n$/),
  });
  const id = granted.output.slice(0, 36);

  const listed = JSON.parse((await run('list', accountId, '--json')).output);
  expect(listed).toMatchObject({
    accountId,
    license: { source: 'grant', seats: 25, expiresAt: '2100-01-01T00:00:00.000Z' },
    grants: [{ id, seats: 25, entitlements: entitlementNames, isInForce: true }],
  });
  expect((await licenseActs(licenses, accountId)).at(-1)).toMatchObject({
    actor: expect.stringMatching(/^operator:./),
    action: 'license.granted',
    detail: { grantId: id, seats: 25, reason: 'contract 4711' },
  });
  const { output } = await run('list', slug);
  expect(output).toContain('in force: grant');
  expect(output).toContain(`${id}  in force  seats 25`);
});

test('one takes the place of those before, and one that is revoked counts no more', async () => {
  const { accountId, slug } = organization;
  await run('grant', slug, '--seats', '25', ...why);
  const { output } = await run('grant', slug, '--seats', '5', '--replace', ...why, '--json');
  const { id } = JSON.parse(output);
  expect((await licenses.services.licenses.of(accountId)).seats).toBe(5);

  expect(await run('revoke', slug, id, ...why)).toMatchObject({
    code: 0,
    output: `${id} is revoked.\n`,
  });
  expect((await licenses.services.licenses.of(accountId)).seats).toBe(2);
  expect(await run('revoke', slug, id, ...why)).toMatchObject({
    code: 3,
    errors: 'It was revoked, or has ended.\n',
  });
  const states = (await run('list', slug)).output.match(/\brevoked\b/g);
  expect(states).toHaveLength(2);
});

test('what is not there, or over already, is a sentence and exit code 3', async () => {
  const { slug } = organization;
  const missing = newId();
  for (const account of [missing, 'no-such-slug']) {
    for (const order of [
      ['list', account],
      ['grant', account, ...why],
    ]) {
      expect(await run(...order)).toMatchObject({
        code: 3,
        errors: `There is no account ${account}.\n`,
      });
    }
  }
  expect((await run('revoke', slug, missing, ...why)).errors).toContain(missing);
  expect(await run('grant', slug, '--expires', '2020-01-31', ...why)).toMatchObject({
    code: 3,
    errors: 'The grant would have ended already.\n',
  });
});

test('as a command', async () => {
  const { settings, database } = licenses.service;
  const { SEALING_KEY_FILE } = settings;
  const env = { NODE_ENV: 'test', DATABASE_URL: database.url, SEALING_KEY_FILE };
  const args = ['grant', organization.slug, '--seats', '9', ...why, '--json'];
  const { code, output, errors } = await runCommand('licenses.ts', args, env);
  expect([code, errors]).toEqual([0, '']);
  const { id } = JSON.parse(output);
  expect(await licenses.services.licenses.grants.list(organization.accountId)).toMatchObject([
    { id, seats: 9 },
  ]);
});
