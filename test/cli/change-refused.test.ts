// What a command that needs a project refuses: one sentence, an exit code, and nothing written.
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf } from './support/changed.ts';
import { cli, temporaryFolder, workFolder } from './support/cli.ts';
import { commands, fields, project, shipkit } from './support/commands.ts';

/** Every command that needs a project, in a form that would do something. */
const all: readonly (readonly [string, ...string[]])[] = [
  ...commands,
  ['deploy-config', '--target=docker', '--domain=app.example.com'],
  ['remove', 'ci'],
  ['remove-domain', 'customers'],
  ['update'],
  ['update', '--check'],
  ['diff'],
  ['doctor'],
  ['doctor', '--fix'],
];

describe('what stands in the way is one sentence, exit code 3, and nothing is written:', () => {
  const writing = all.filter(
    ([name, flag]) => !['diff', 'doctor'].includes(name) && flag !== '--check',
  );

  test.each(writing)('what is not committed, of %s %s', async (...args) => {
    const folder = await project();
    for (const name of ['a', 'b', 'c', 'd', 'e']) writeFileSync(join(folder, `${name}.txt`), '');
    await expectRefusal(args, folder, 'a.txt, b.txt, c.txt and 2 more');
  });

  test.each(writing)('a repository without git, of %s %s', async (...args) => {
    const folder = await project();
    await expectRefusal(args, folder, 'git is not installed', { PATH: temporaryFolder('path') });
  });

  test.each(all)('no project, of %s %s', async (...args) => {
    await expectRefusal(args, workFolder(), 'is not in a project made by create-shipkit');
  });

  test.each(all)('a newer version, of %s %s', async (...args) => {
    const folder = await project('--no-git');
    damage(folder, (text) => text.replace(/"version": ".*"/, '"version": "99.0.0"'));
    await expectRefusal(args, folder, 'made by version 99.0.0');
  });

  test.each(all.filter(([name]) => name !== 'doctor'))(
    'a damaged manifest, of %s %s',
    async (...args) => {
      const folder = await project('--no-git');
      damage(folder, (text) => text.slice(100));
      await expectRefusal(args, folder, 'manifest.json is missing or damaged');
    },
  );

  test.each(all.filter(([name]) => name !== 'doctor'))(
    'a damaged base, of %s %s',
    async (...args) => {
      const folder = await project('--no-git');
      writeFileSync(join(folder, '.shipkit', 'base.br'), 'not brotli');
      await expectRefusal(args, folder, 'base.br is missing, or not what the manifest names');
    },
  );

  test.each<[string, (text: string) => string]>([
    [
      'answers.domains',
      (text) =>
        text.replace(
          '"domains": []',
          '"domains": [{ "name": "ghosts", "fields": [{ "name": "a", "type": "string" }] }]',
        ),
    ],
    ['answers.features', (text) => text.replace('"features": []', '"features": ["ci"]')],
    ['files', (text) => text.replace('"README.md": ', '"../../evil": ')],
    ['files', (text) => text.replace(/^ *"README\.md": .*\n/m, '')],
  ])('a manifest that was edited by hand, at %s', async (place, edited) => {
    const folder = await project('--no-git');
    damage(folder, (text) => {
      const after = edited(text);
      expect(after).not.toBe(text);
      return after;
    });
    for (const args of [...commands, ['update'], ['diff']]) {
      await expectRefusal(args, folder, `manifest.json is missing or damaged (at ${place})`);
    }
  });

  test.each(commands)('the base of another branch, of %s %s', async (...args) => {
    const [folder, other] = [await project('--no-git'), await project('--no-git')];
    await shipkit(['add-domain', 'customers', ...fields], other);
    cpSync(join(other, '.shipkit', 'base.br'), join(folder, '.shipkit', 'base.br'));
    await expectRefusal(args, folder, 'base.br is missing, or not what the manifest names');
  });

  test.each(commands)('other templates, of %s %s', async (...args) => {
    const folder = await project('--no-git');
    // What an older version had given: another base, and the manifest that goes with it.
    const older = await olderProject(folder);
    await expectRefusal(args, older, /run shipkit update first, or npx create-shipkit@0\.0\.1 add/);
  });

  test('a project inside another', async () => {
    const folder = await project();
    const before = contentOf(folder);
    const { exitCode, stderr } = await cli(['inner', '--yes', '--no-install'], { cwd: folder });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('is a project already');
    expect(contentOf(folder)).toEqual(before);
  });

  test('a domain that another refers to', async () => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'customers', ...fields], folder);
    await shipkit(['add-domain', 'invoices', '--fields', 'customer:ref(customers)'], folder);
    await expectRefusal(['remove-domain', 'customers'], folder, 'because invoices refers to it');
  });

  test('a domain that comes again with other fields than its rows have', async () => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'customers', ...fields], folder);
    await shipkit(['remove-domain', 'customers'], folder);
    const args = ['add-domain', 'customers', '--fields', 'at:datetime'];
    await expectRefusal(args, folder, 'this would change it (name');
    expect((await shipkit(['add-domain', 'customers', ...fields], folder)).exitCode).toBe(0);
  });

  test('a table that is to be dropped, while one that was kept refers to it', async () => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'customers', ...fields], folder);
    await shipkit(['add-domain', 'invoices', '--fields', 'customer:ref(customers)'], folder);
    await shipkit(['remove-domain', 'invoices'], folder);
    const args = ['remove-domain', 'customers', '--drop-table'];
    await expectRefusal(args, folder, 'has a table that refers to it');
    expect((await shipkit(args.slice(0, 2), folder)).exitCode).toBe(0);
  });
});

describe('bad input is one sentence and exit code 2:', () => {
  test.each<[string[], string | RegExp]>([
    [['add'], 'Name what is to be added'],
    [['add', 'cy'], 'There is no feature "cy"; did you mean ci?'],
    [['add', '--tier', 'gold'], 'there is no tier "gold"'],
    [
      ['remove', 'nothing-such'],
      'There is no feature "nothing-such" (there is billing, admin, redis, queues, rate-limit, email, tenancy, deploy, ci)',
    ],
    [['add-domain', 'deploy', ...fields], '--fields: deploy is a feature of the catalog'],
    [['add-domain', 'billing', ...fields], '--fields: billing is a feature of the catalog'],
    [['add-domain', 'billing-invoice', ...fields], 'it belongs to a feature of the catalog'],
    [['add-domain', 'billing', '--admin'], '--admin: billing is a feature of the catalog'],
    [['add-domain', 'customers', '--admin'], '--fields "name:string"'],
    [['add-domain', 'customers'], '--fields "name:string"'],
    [['add-domain', 'groups', ...fields], 'cannot be a domain'],
    [['add-domain', 'customers', '--fields', 'a:strin'], 'perhaps string'],
    [['remove-domain', 'customer'], 'There is no domain "customer"'],
    [['ad-domain', 'customers'], 'did you mean add-domain?'],
    [['completion', 'tcsh'], /tcsh/],
    [['diff', '../..'], 'is not in the project'],
  ])('%j', async (args, message) => {
    const folder = await project('--no-git');
    const before = contentOf(folder);
    const { exitCode, stderr, stdout } = await shipkit(args, folder);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stdout).toBe('');
    expect(contentOf(folder)).toEqual(before);
  });
});

test('pages in an admin area that is not there are refused, naming both', async () => {
  const folder = await project('--without', 'admin');
  const { exitCode, stderr } = await shipkit(['add-domain', 'notes', ...fields, '--admin'], folder);
  expect([exitCode, stderr]).toEqual([
    2,
    '✖ add-domain --admin needs the feature admin: shipkit add admin',
  ]);
});

async function expectRefusal(
  args: readonly string[],
  folder: string,
  message: string | RegExp,
  env: Record<string, string> = {},
): Promise<void> {
  const before = contentOf(folder);
  const { exitCode, stderr, stdout } = await shipkit(args, folder, { env });
  expect(exitCode, stderr).toBe(3);
  expect(stderr).toMatch(message);
  expect(stderr.split('\n')).toHaveLength(1);
  expect(stdout).toBe('');
  expect(contentOf(folder)).toEqual(before);
}

function damage(folder: string, how: (text: string) => string): void {
  const file = join(folder, '.shipkit', 'manifest.json');
  writeFileSync(file, how(readFileSync(file, 'utf8')));
}

/** The project as version 0.0.1 would have made it, had it had no AGENTS.md. */
async function olderProject(folder: string): Promise<string> {
  const { baseOf, fingerprint } = await import('../../src/render/manifest.ts');
  const { readBase, readOrigin } = await import('../../src/project/base.ts');
  const file = join(folder, '.shipkit', 'base.br');
  const base = readBase(folder);
  base.delete('AGENTS.md');
  const { answers } = readOrigin(folder) ?? {};
  if (answers === undefined) throw new Error('The base does not say what it was made from');
  const packed = baseOf(base, { version: '0.0.1', answers });
  writeFileSync(file, packed);
  rmSync(join(folder, 'AGENTS.md'));
  damage(folder, (text) =>
    text
      .replace(/"version": ".*"/, '"version": "0.0.1"')
      .replace(/^ *"AGENTS\.md": ".*",\n/m, '')
      .replace(/"base": ".*"/, `"base": "${fingerprint(packed)}"`),
  );
  return folder;
}
