import { chmodSync, existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { contentOf, edit, read, write } from './support/changed.ts';
import { project, shipkit } from './support/commands.ts';
import { doctor } from './support/doctor.ts';
import { findsEach, type Sickness } from './support/sickness.ts';
import { git } from './support/git.ts';

describe('doctor finds', () => {
  findsEach([
    [
      'packages that are not installed',
      () => undefined,
      { check: 'packages', message: /not installed/, mend: /^npm install$/ },
    ],
    [
      'a lockfile that is not in step',
      (folder) => edit(folder, 'package.json', (text) => text.replace('"zod": "', '"zod": "9')),
      {
        check: 'packages',
        message: /not in step with package\.json \(zod\)/,
        mend: /^npm install$/,
      },
    ],
    [
      'a package.json that nothing can read, and not what follows from it',
      (folder) => write(folder, 'package.json', 'garbage'),
      {
        check: 'packages',
        message: /^There is no package\.json that can be read\.$/,
        mend: /^git restore package\.json$/,
      },
    ],
    [
      'a conflict that was resolved by half',
      (folder) => edit(folder, 'README.md', (text) => `${text}a\n=======\nb\n>>>>>>> x\n`),
      { check: 'conflicts', message: /^README\.md:\d+ has the marker/ },
    ],
    [
      'a Node that is too old',
      (folder) => edit(folder, 'package.json', (text) => text.replace('>=24.11', '>=99.1')),
      { check: 'node', message: /package\.json asks for >=99\.1/, mend: /99/ },
    ],
    [
      'models without their migration',
      (folder) =>
        edit(
          folder,
          'src/domains/auth/models.ts',
          (text) => `${text}\nexport const notes = mysqlTable('notes', {});\n`,
        ),
      {
        check: 'migrations',
        message: /not in step with the models \(notes\)/,
        mend: /db:generate/,
      },
    ],
    [
      'a migration that is gone',
      (folder) => rmSync(join(folder, 'migrations', '0000_initial.sql')),
      {
        check: 'migrations',
        message: /0000_initial\.sql is listed and missing/,
        mend: /git restore/,
      },
    ],
    [
      'a marker of a conflict',
      (folder) =>
        edit(folder, 'src/main.ts', (text) => `a\n<<<<<<< x\n${text}\n=======\n>>>>>>> y\n`),
      { check: 'conflicts', message: /src\/main\.ts:2 has the marker/ },
    ],
    [
      'a list that lacks a domain',
      (folder) =>
        edit(folder, 'src/domains/index.ts', (text) => text.replaceAll(/.*authRoutes.*\n/g, '')),
      { check: 'lists', message: /does not list src\/domains\/auth/, mend: /--fix/ },
    ],
    [
      'a list with a domain that is gone',
      (folder) => rmSync(join(folder, 'src/domains/auth/router.ts')),
      {
        check: 'lists',
        message: /lists src\/domains\/auth, and there is no such file/,
        mend: /^git restore src\/domains\/auth$/,
      },
    ],
    ...['domains/index.ts', 'database/schema.ts', 'settings.ts', 'lifecycle.ts'].map(
      (file): Sickness => [
        `the loss of src/${file}`,
        (folder) => rmSync(join(folder, 'src', file)),
        {
          check: 'lists',
          message: new RegExp(`^src/${file} is missing`),
          mend: new RegExp(`^git restore src/${file}$`),
        },
      ],
    ),
    [
      'an import of a file that was deleted',
      (folder) => rmSync(join(folder, 'src/log.ts')),
      {
        check: 'imports',
        message: /^src\/\S+ imports (#app|\.)\/log\.ts, and there is no such file\.$/,
        mend: /^git restore src\/log\.ts$/,
      },
    ],
    [
      'an export of several lines from a file that never was',
      (folder) => write(folder, 'test/mine.ts', "export {\n  a,\n  b,\n} from './gone.ts';\n"),
      { check: 'imports', message: /^test\/mine\.ts imports \.\/gone\.ts, and there is no such/ },
    ],
    [
      'more imports than a reader wants to see',
      (folder) =>
        write(
          folder,
          'src/mine.ts',
          Array.from({ length: 9 }, (_, at) => `import './gone${at}.ts';\n`).join(''),
        ),
      { check: 'imports', message: /^4 more imports lead to no file\.$/ },
    ],
    [
      'a sealing key that others can read',
      (folder) => {
        write(folder, 'secrets/sealing-key', 'key');
        chmodSync(join(folder, 'secrets/sealing-key'), 0o644);
      },
      { check: 'secrets', message: /can be read/, mend: /^chmod 600 secrets\/sealing-key$/ },
    ],
    [
      'edited and deleted files',
      (folder) => {
        rmSync(join(folder, 'README.md'));
        edit(folder, 'src/log.ts', (text) => `${text}// mine\n`);
      },
      { check: 'files', message: /1 edited and 1 deleted/, mend: /shipkit diff/ },
    ],
    [
      'a damaged manifest',
      (folder) => write(folder, '.shipkit/manifest.json', '{'),
      {
        check: 'records',
        message: /manifest\.json is missing or damaged/,
        mend: /^shipkit doctor --fix$/,
      },
    ],
    [
      'a manifest that is gone',
      (folder) => rmSync(join(folder, '.shipkit', 'manifest.json')),
      { check: 'records', message: /manifest\.json is missing/, mend: /^shipkit doctor --fix$/ },
    ],
    [
      'a folder in the place of the manifest',
      (folder) => {
        rmSync(join(folder, '.shipkit', 'manifest.json'));
        write(folder, '.shipkit/manifest.json/x', 'x');
      },
      { check: 'records', message: /manifest\.json is missing/ },
    ],
    [
      'a fingerprint that somebody changed',
      (folder) =>
        edit(folder, '.shipkit/manifest.json', (text) =>
          text.replace(/("README\.md": ")\w{4}/, '$10000'),
        ),
      { check: 'records', message: /damaged \(at files\.README\.md\)/, mend: /--fix$/ },
    ],
    [
      'a manifest and a base that say nothing any more',
      (folder) => {
        write(folder, '.shipkit/manifest.json', '{');
        write(folder, '.shipkit/base.br', 'x');
      },
      { check: 'records', message: /manifest\.json is missing/, mend: /^git restore \.shipkit$/ },
    ],
    [
      'a manifest with the markers of a merge',
      (folder) =>
        edit(
          folder,
          '.shipkit/manifest.json',
          (text) => `<<<<<<< a\n${text}=======\n${text}>>>>>>> b\n`,
        ),
      { check: 'records', message: /manifest\.json is damaged/, mend: /^shipkit doctor --fix$/ },
    ],
    [
      'a base that is gone',
      (folder) => rmSync(join(folder, '.shipkit', 'base.br')),
      { check: 'records', message: /base\.br is missing/, mend: /--fix/ },
    ],
  ]);

  test('nothing that follows from a package.json that cannot be read', async () => {
    const folder = await project('--no-git');
    write(folder, 'package.json', 'garbage');
    const { findings } = await doctor(folder);
    const serious = findings.filter(({ severity }) => severity !== 'info');
    expect(serious.map(({ check, mend }) => ({ check, mend }))).toEqual([
      { check: 'packages', mend: 'shipkit diff package.json | git apply -R' },
    ]);
  });

  test('a way to bring a generated file back where there is no repository', async () => {
    const folder = await project('--no-git');
    const before = contentOf(folder);
    rmSync(join(folder, 'src/log.ts'));
    edit(folder, 'package.json', () => 'garbage');
    for (const file of ['src/log.ts', 'package.json']) {
      const { stdout } = await shipkit(['diff', file], folder);
      write(folder, 'back.patch', `${stdout}\n`);
      git(folder, 'apply', '-R', 'back.patch');
      rmSync(join(folder, 'back.patch'));
    }
    expect(contentOf(folder)).toEqual(before);
  });

  test('no edit of the owner where shipkit itself listed the tables that it kept', async () => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
    await shipkit(['remove-domain', 'labels'], folder);
    expect(read(folder, 'src/database/schema.ts')).toContain('retired');
    expect((await doctor(folder)).findings.find(({ check }) => check === 'files')?.message).toMatch(
      /, 0 edited and 0 deleted\.$/,
    );
    expect((await shipkit(['diff', 'src/database'], folder)).stdout).toBe('');
  });

  test('what is left of a removed domain because it was edited', async () => {
    const folder = await project('--no-git');
    await shipkit(['add-domain', 'labels', '--fields', 'name:string'], folder);
    edit(folder, 'src/domains/labels/router.ts', (text) => `${text}// mine\n`);
    expect((await doctor(folder)).findings.filter(({ check }) => check === 'imports')).toEqual([]);
    await shipkit(['remove-domain', 'labels', '--allow-conflicts'], folder);
    expect(existsSync(join(folder, 'src/domains/labels/router.ts'))).toBe(true);
    const { findings } = await doctor(folder);
    expect(findings.find(({ check }) => check === 'imports')?.message).toMatch(
      /^src\/domains\/labels\/router\.ts imports .* or remove src\/domains\/labels\/router\.ts/,
    );
  });

  test('no import that only looks like one', async () => {
    const folder = await project();
    const lines = [
      "/*\nimport a from './gone.ts';\n*/",
      "// import b from './gone.ts';",
      "const text = `\n  import c from './gone.ts';\n`;",
      "import { log } from './log.js';",
      "import { readFileSync } from 'node:fs';",
    ];
    write(folder, 'src/mine.ts', lines.join('\n'));
    expect((await doctor(folder)).findings.filter(({ check }) => check === 'imports')).toEqual([]);
  });

  test('what stands in the way ends with 1, and says so to a reader', async () => {
    const folder = await project();
    const { exitCode, stdout, stderr } = await shipkit(['doctor'], folder);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/✖ The packages are not installed\.\n {4}npm install\n/);
    expect(stderr).toContain('One thing stands between the project and working.');
  });
});

test('a reference to a domain whose models are gone from the disk is refused', async () => {
  const folder = await project('--no-git');
  await shipkit(['add-domain', 'customers', '--fields', 'name:string'], folder);
  renameSync(join(folder, 'src/domains/customers'), join(folder, 'src/domains/clients'));
  const before = contentOf(folder);
  const fields = 'customer:ref(customers)';
  const { exitCode, stderr } = await shipkit(['add-domain', 'orders', '--fields', fields], folder);
  expect(exitCode, stderr).toBe(3);
  expect(stderr).toMatch(/refer to customers, and src\/domains\/customers\/models\.ts is gone: /);
  expect(contentOf(folder)).toEqual(before);
  const other = await shipkit(['add-domain', 'tickets', '--fields', 'name:string'], folder);
  expect(other.exitCode, other.stderr).toBe(0);
});
