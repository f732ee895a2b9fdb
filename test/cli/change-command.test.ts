import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { contentOf } from './support/changed.ts';
import { cli, strangersEnvironment, temporaryFolder, workFolder } from './support/cli.ts';

const fields = ['--fields', 'name:string,email:email:unique'];
const commands: readonly (readonly [string, ...string[]])[] = [
  ['add', 'ci'],
  ['add-domain', 'customers', ...fields],
];
/** Every command that needs a project, in a form that would do something. */
const all: readonly (readonly [string, ...string[]])[] = [
  ...commands,
  ['remove', 'ci'],
  ['remove-domain', 'customers'],
  ['update'],
  ['update', '--check'],
  ['diff'],
  ['doctor'],
  ['doctor', '--fix'],
];

const shipkit = (args: readonly string[], cwd: string, env: Record<string, string> = {}) =>
  cli(args, { cwd, program: 'shipkit', env });

async function project(...options: string[]): Promise<string> {
  const cwd = workFolder();
  const made = await cli(['shop', '--yes', '--no-install', ...options], { cwd });
  expect(made.exitCode, made.stderr).toBe(0);
  return join(cwd, 'shop');
}

function git(folder: string, ...args: string[]): string {
  const env = strangersEnvironment(folder);
  const identity = ['-c', 'user.name=a', '-c', 'user.email=a@example.com'];
  return execaSync('git', [...identity, ...args], { cwd: folder, env, extendEnv: false }).stdout;
}

function commit(folder: string): void {
  git(folder, 'add', '-A');
  git(folder, 'commit', '-qm', 'change');
}

describe('a command that changes a project', () => {
  test.each(commands)(
    '%s %s works from any folder inside, tells what it did and how to undo it',
    async (...args) => {
      const folder = await project();
      const { exitCode, stdout, stderr } = await shipkit(args, join(folder, 'src', 'http'));
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toMatch(/^new {6}\S+$/m);
      expect(stdout).toContain('Undo: git -C ../.. restore . && git -C ../.. clean -fd');
      const standing = git(folder, 'status', '--porcelain');
      expect(standing).not.toBe('');

      git(folder, 'restore', '.');
      git(folder, 'clean', '-fdq');
      expect(git(folder, 'status', '--porcelain')).toBe('');
    },
  );

  test.each(commands)(
    '%s %s prints as a dry run what git apply makes of the project',
    async (...args) => {
      const folder = await project();
      const before = contentOf(folder);
      const dry = await shipkit([...args, '--dry-run'], folder);
      expect(dry.exitCode, dry.stderr).toBe(0);
      expect(contentOf(folder)).toEqual(before);

      const patch = join(temporaryFolder('patch'), 'x.patch');
      writeFileSync(patch, `${dry.stdout}\n`);
      git(folder, 'apply', patch);
      const applied = contentOf(folder);
      git(folder, 'restore', '.');
      git(folder, 'clean', '-fdq');
      expect((await shipkit(args, folder)).exitCode).toBe(0);
      expect(applied).toEqual(contentOf(folder));
    },
  );

  test.each(commands)('%s %s, said twice, has nothing to do the second time', async (...args) => {
    const folder = await project();
    await shipkit(args, folder);
    commit(folder);
    const { exitCode, stdout } = await shipkit(args, folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('Nothing to do');
    expect(git(folder, 'status', '--porcelain')).toBe('');
  });

  test('that would have nothing to do says so as a dry run too, but not on stdout', async () => {
    const folder = await project();
    await shipkit(['add', 'ci'], folder);
    commit(folder);
    const { exitCode, stdout, stderr } = await shipkit(['add', 'ci', '--dry-run'], folder);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('Nothing to do');
    expect(stdout).toBe('');
  });

  test.each([
    ['from a folder inside', 'shop/src/domains', [], 'git -C ../.. '],
    ['with --cwd from outside', '.', ['--cwd', 'shop'], 'git -C shop '],
    ['with --cwd from elsewhere', "it's else", ['--cwd', '../shop'], 'git -C ../shop '],
  ])('%s prints an undo that works as it is printed', async (_, from, options, git_) => {
    await expectUndo(await project(), from, options, git_);
  });

  test('prints an undo that works where the path has blanks and quotes in it', async () => {
    const folder = await project();
    const odd = join(folder, '..', "Mary's shop");
    renameSync(folder, odd);
    const quoted = String.raw`git -C 'Mary'\''s shop' `;
    await expectUndo(odd, '.', ['--cwd', "Mary's shop"], quoted);
  });

  test('that changes no file but its own says so', async () => {
    const folder = await project();
    await shipkit(['add', 'ci'], folder);
    commit(folder);
    const { exitCode, stdout, stderr } = await shipkit(['add', '--tier', 'professional'], folder);
    expect(exitCode, stderr).toBe(0);
    const standing = git(folder, 'status', '--porcelain').split('\n');
    expect(standing).not.toEqual(['']);
    expect(standing.filter((line) => !line.includes('.shipkit/'))).toEqual([]);
    expect(stdout).toContain('Only what shipkit remembers of this project (in .shipkit) changed');
    expect(stdout).not.toContain('0 files');
  });

  test.each(commands)('%s %s gives a program one JSON object', async (...args) => {
    const folder = await project();
    const dry = await shipkit([...args, '--json', '--dry-run'], folder);
    expect(JSON.parse(dry.stdout)).toMatchObject({ ok: true, written: false, dryRun: true });
    expect(JSON.parse(dry.stdout)).toHaveProperty('diff', expect.stringContaining('diff --git'));
    const { stdout, exitCode } = await shipkit([...args, '--json'], folder);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: true,
      written: true,
      conflicts: [],
      undo: expect.stringContaining('git restore'),
    });
  });

  test('tells what is pending where nothing is installed', async () => {
    const folder = await project();
    const { stdout } = await shipkit(['add-domain', 'customers', ...fields], folder);
    expect(stdout).toMatch(/Pending:\n {2}npm install\n {2}npm run db:generate\n/);
  });

  test('in no repository says that git cannot undo it', async () => {
    const folder = await project('--no-git');
    const { stdout, exitCode } = await shipkit(['add', 'ci'], folder);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('in no git repository, so git cannot undo this');
  });

  test('with conflicts ends with 4, names path and line, and writes nothing', async () => {
    const folder = await project();
    writeFileSync(join(folder, 'README.md'), '# Mine\n\nwholly\n');
    commit(folder);
    const { exitCode, stdout, stderr } = await shipkit(['add', 'ci'], folder);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^conflict README\.md:\d+/m);
    expect(stderr).toContain('nothing was written');
    expect(git(folder, 'status', '--porcelain')).toBe('');

    const allowed = await shipkit(['add', 'ci', '--allow-conflicts'], folder);
    expect(allowed.exitCode).toBe(4);
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain('<<<<<<< yours');
    expect(existsSync(join(folder, '.github/workflows/ci.yml'))).toBe(true);
  });
});

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
      await expectRefusal(args, folder, 'manifest.json is damaged');
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
    [['add', 'redis'], 'The feature redis is not available in this version'],
    [['add', '--tier', 'gold'], 'there is no tier "gold"'],
    [['remove', 'nothing-such'], 'There is no feature "nothing-such" (there is ci'],
    [['add-domain', 'billing'], 'The feature billing is not available in this version'],
    [['add-domain', 'customers', '--admin', ...fields], '--admin: the admin area is not available'],
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

/** Runs the line that a command prints to take it back, where the user stands. */
async function expectUndo(
  folder: string,
  from: string,
  options: readonly string[],
  beginning: string,
): Promise<void> {
  const cwd = join(folder, '..', from);
  mkdirSync(cwd, { recursive: true });
  const before = contentOf(folder);
  const { exitCode, stdout, stderr } = await shipkit(['add', 'ci', ...options], cwd);
  expect(exitCode, stderr).toBe(0);
  expect(contentOf(folder)).not.toEqual(before);
  const line = /^Undo: (.*)$/m.exec(stdout)?.[1] ?? '';
  expect(line.startsWith(beginning), line).toBe(true);
  execaSync(line, { cwd, shell: true, env: strangersEnvironment(cwd), extendEnv: false });
  expect(contentOf(folder)).toEqual(before);
}

async function expectRefusal(
  args: readonly string[],
  folder: string,
  message: string | RegExp,
  env: Record<string, string> = {},
): Promise<void> {
  const before = contentOf(folder);
  const { exitCode, stderr, stdout } = await shipkit(args, folder, env);
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
  const { brotliCompressSync, brotliDecompressSync } = await import('node:zlib');
  const { fingerprint } = await import('../../src/render/manifest.ts');
  const file = join(folder, '.shipkit', 'base.br');
  const base = JSON.parse(String(brotliDecompressSync(readFileSync(file)))) as Record<
    string,
    object
  >;
  const { 'AGENTS.md': _, ...rest } = base;
  const packed = brotliCompressSync(JSON.stringify(rest));
  writeFileSync(file, packed);
  rmSync(join(folder, 'AGENTS.md'));
  damage(folder, (text) =>
    text
      .replace(/"version": ".*"/, '"version": "0.0.1"')
      .replace(/"base": ".*"/, `"base": "${fingerprint(packed)}"`),
  );
  return folder;
}
