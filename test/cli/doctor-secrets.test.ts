import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import { write } from './support/changed.ts';
import { project } from './support/commands.ts';
import { doctor } from './support/doctor.ts';
import { git } from './support/git.ts';
import { findsEach, type Sickness } from './support/sickness.ts';

test('doctor judges a secret by the rule of the project', () => {
  const ruleIn = (file: string) =>
    readFileSync(join(root, file), 'utf8').split('export function isStrong')[1];
  expect(ruleIn('src/commands/doctor/strong-secret.ts')).toBe(
    ruleIn('templates/base/src/platform/strong-secret.ts'),
  );
});

const random = 'mZ4qkT9wB7cV2nLx8RfHy3Jd';

const keyring = (secret: string) =>
  JSON.stringify({
    version: 1,
    next: null,
    primary: { secret, createdAt: '2026-01-01T00:00:00.000Z' },
    fallback: null,
  });

describe('doctor finds', () => {
  findsEach([
    [
      'a weak key in the keyring that the settings name',
      (folder) => {
        write(folder, '.env', 'JWT_KEYS_FILE=conf/keys.json\n');
        write(folder, 'conf/keys.json', keyring('c2hvcnQ'));
      },
      { check: 'secrets', message: /in conf\/keys\.json is too weak/ },
    ],
    [
      'a keyring that production lacks',
      (folder) => write(folder, '.env', 'NODE_ENV=production\n'),
      {
        check: 'secrets',
        message: /^There is no keyring at secrets\/jwt-keys\.json/,
        mend: /^npm run keys -- init$/,
      },
    ],
    [
      'a sealing key that production lacks',
      (folder) => write(folder, '.env', 'NODE_ENV=production\n'),
      {
        check: 'secrets',
        message: /^There is no sealing key at secrets\/sealing-key/,
        mend: /^npm run keys -- init$/,
      },
    ],
    [
      'a weak sealing key',
      (folder) => write(folder, 'secrets/sealing-key', 'c2hvcnQ\n'),
      { check: 'secrets', message: /^secrets\/sealing-key is too weak/, mend: /init$/ },
    ],
    [
      'a weak key',
      (folder) => write(folder, 'secrets/jwt-keys.json', keyring('c2hvcnQ')),
      { check: 'secrets', message: /primary in secrets\/jwt-keys\.json is too weak/, mend: /keys/ },
    ],
    ...[
      'change-me-change-me-change-me-change-me-change-me',
      'your-secret-key-goes-here-replace-before-production',
      'aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkkllll',
    ].map((typed): Sickness => [
      `a key that somebody typed: ${typed}`,
      (folder) => {
        write(folder, 'secrets/jwt-keys.json', keyring(typed));
      },
      { check: 'secrets', message: /primary in secrets\/jwt-keys\.json is too weak/, mend: /keys/ },
    ]),
    [
      'a placeholder for a secret',
      (folder) => write(folder, '.env', 'DATABASE_URL=mysql://app:changeme@127.0.0.1/app\n'),
      { check: 'secrets', message: /DATABASE_URL in \.env has a placeholder/ },
    ],
    [
      'one user of the database for the app and the migrations',
      (folder) => {
        const url = `mysql://app:${random}@127.0.0.1/app`;
        write(folder, '.env', `DATABASE_URL=${url}\nMIGRATION_DATABASE_URL=${url}\n`);
      },
      { check: 'database', message: /in \.env name one user, .*audit log/, mend: /\.env/ },
    ],
    [
      'a production without a user for the migrations',
      (folder) =>
        write(
          folder,
          '.env',
          `NODE_ENV=production\nDATABASE_URL=mysql://app:${random}@127.0.0.1/app\n`,
        ),
      {
        check: 'database',
        message: /^DATABASE_URL is set in \.env and MIGRATION_DATABASE_URL is not/,
        mend: /MIGRATION_DATABASE_URL=/,
      },
    ],
    [
      'secrets that others can read',
      (folder) => {
        write(folder, '.env', 'PORT=1\n');
        chmodSync(join(folder, '.env'), 0o644);
      },
      { check: 'secrets', message: /can be read by other users/, mend: /^chmod 600 \.env$/ },
    ],
    [
      'secrets in the repository',
      (folder) => {
        write(folder, '.env', 'PORT=1\n');
        git(folder, 'add', '-f', '.env');
      },
      { check: 'secrets', message: /\.env is in the git repository/, mend: /git rm --cached/ },
    ],
    [
      'a key of Stripe with which development moves real money',
      (folder) => write(folder, '.env', `STRIPE_SECRET_KEY=sk_live_${random}\n`),
      { check: 'stripe', message: /^STRIPE_SECRET_KEY in \.env is a live key/, mend: /\.env/ },
    ],
    ...['NODE_ENV=production', `STRIPE_SECRET_KEY=sk_live_${random}`].map((line): Sickness => [
      `another server in place of Stripe, with ${line.split('=')[0]}`,
      (folder) => write(folder, '.env', `${line}\nSTRIPE_API_BASE=http://127.0.0.1:12111\n`),
      { check: 'stripe', message: /^STRIPE_API_BASE is set in \.env/, mend: /\.env/ },
    ]),
    [
      'events of Stripe that nothing can be read for',
      (folder) => write(folder, '.env', `STRIPE_WEBHOOK_SECRETS=whsec_${random}\n`),
      {
        check: 'stripe',
        message: /^STRIPE_WEBHOOK_SECRETS is set in \.env and STRIPE_SECRET_KEY is not/,
        mend: /STRIPE_SECRET_KEY=/,
      },
    ],
    [
      'events of Stripe that nobody believes',
      (folder) => write(folder, '.env', `STRIPE_SECRET_KEY=sk_test_${random}\n`),
      {
        check: 'stripe',
        message: /^STRIPE_SECRET_KEY is set in \.env and STRIPE_WEBHOOK_SECRETS is not/,
        mend: /STRIPE_WEBHOOK_SECRETS=/,
      },
    ],
  ]);

  test('nothing wrong with a database of two users, or of one in development', async () => {
    const folder = await project('--no-git');
    const url = (user: string) => `mysql://${user}:${random}@127.0.0.1/app`;
    const two = `DATABASE_URL=${url('app')}\nMIGRATION_DATABASE_URL=${url('owner')}\n`;
    for (const lines of [`NODE_ENV=production\n${two}`, `DATABASE_URL=${url('app')}\n`]) {
      write(folder, '.env', lines);
      const { findings } = await doctor(folder);
      expect(findings.filter(({ check }) => check === 'database')).toEqual([]);
    }
  });

  test('no lack of keys in files where production keeps them elsewhere', async () => {
    const folder = await project('--no-git');
    const secret = 'bm90IGEgcmVhbCBvbmUsIGp1c3QgbG9uZyBlbm91Z2g';
    write(
      folder,
      '.env',
      `NODE_ENV=production\nJWT_KEYS_STORE=database\nKEYRING_SECRET=${secret}\n`,
    );
    expect((await doctor(folder)).findings.filter(({ check }) => check === 'secrets')).toEqual([
      expect.objectContaining({ message: '.env can be read by other users of this machine.' }),
    ]);
  });
});
