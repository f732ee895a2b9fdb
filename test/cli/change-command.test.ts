import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { contentOf } from './support/changed.ts';
import { strangersEnvironment, temporaryFolder } from './support/cli.ts';
import { commands, commit, fields, git, project, shipkit } from './support/commands.ts';

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
