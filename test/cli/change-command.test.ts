import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';
import { presetOf } from '../../src/catalog/resolve.ts';
import { allContentOf, contentOf, edit, read, write } from './support/changed.ts';
import { lastingFolder, type Ran, strangersEnvironment, temporaryFolder } from './support/cli.ts';
import { commands, fields, project, shipkit } from './support/commands.ts';
import { commit, git } from './support/git.ts';
import { buildNewer } from './support/newer.ts';

const newer = lastingFolder('newer');
const add = ['add', 'ci'];
const addDomain = ['add-domain', 'customers', ...fields];

/** A command that changes a project, and what it needs there. */
interface Changing {
  readonly args: readonly string[];
  /** The line about a file that it makes, takes away or changes. */
  readonly tells: RegExp;
  /** The command that has to come before it. */
  readonly first?: readonly string[];
  /** The folder of the version that it belongs to, if not to the one that made the project. */
  readonly in?: string;
  /** What it says when it comes again, where that is bad input. */
  readonly refusal?: string;
}

const changing: readonly Changing[] = [
  { args: add, tells: /^new {6}\.github\/workflows\/ci\.yml$/m },
  { args: addDomain, tells: /^new {6}src\/domains\/customers\/router\.ts$/m },
  {
    args: ['remove', 'ci'],
    first: add,
    tells: /^removed {2}\.github\/workflows\/ci\.yml$/m,
  },
  {
    args: ['remove-domain', 'customers'],
    first: addDomain,
    tells: /^removed {2}src\/domains\/customers\/router\.ts$/m,
    refusal: 'The domain customers is removed already',
  },
  {
    args: ['deploy-config', '--target=docker', '--domain=app.example.com'],
    tells: /^new {6}deploy\/docker\/compose\.yml$/m,
  },
  { args: ['update'], in: newer, tells: /^removed {2}test\/route\.test\.ts$/m },
];
const named = changing.map((one) => [one.args.slice(0, 2).join(' '), one] as const);

beforeAll(() => {
  buildNewer(newer);
}, 60_000);

describe('a command that changes a project', () => {
  test.each(named)(
    '%s works from any folder inside, tells what it did and how to undo it',
    async (_, changes) => {
      const folder = await projectFor(changes);
      const before = contentOf(folder);
      const { exitCode, stdout, stderr } = await runIn(join(folder, 'src', 'http'), changes);
      expect(exitCode, stderr).toBe(0);
      expect(stdout).toMatch(changes.tells);
      expect(stdout).toContain('Undo: git -C ../.. restore . && git -C ../.. clean -fd');
      expect(git(folder, 'status', '--porcelain')).not.toBe('');

      takeBack(folder);
      expect(git(folder, 'status', '--porcelain')).toBe('');
      expect(contentOf(folder)).toEqual(before);
    },
  );

  test.each(named)(
    '%s prints as a dry run what git apply makes of the project',
    async (_, changes) => {
      const folder = await projectFor(changes);
      const before = allContentOf(folder);
      const dry = await runIn(folder, changes, '--dry-run');
      expect(dry.exitCode, dry.stderr).toBe(0);
      expect(allContentOf(folder)).toEqual(before);

      const patch = join(temporaryFolder('patch'), 'x.patch');
      writeFileSync(patch, `${dry.stdout}\n`);
      git(folder, 'apply', patch);
      const applied = allContentOf(folder);
      expect(applied).not.toEqual(before);
      takeBack(folder);
      expect((await runIn(folder, changes)).exitCode).toBe(0);
      expect(applied).toEqual(allContentOf(folder));
    },
  );

  test.each(named)('%s, said twice, does nothing the second time', async (_, changes) => {
    const folder = await projectFor(changes);
    expect((await runIn(folder, changes)).exitCode).toBe(0);
    commit(folder);
    const { exitCode, stdout, stderr } = await runIn(folder, changes);
    expect(exitCode).toBe(changes.refusal === undefined ? 0 : 2);
    expect(stdout + stderr).toContain(changes.refusal ?? 'Nothing to do');
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
    await shipkit(['add', ...presetOf('professional')], folder);
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

/** A project in which a command has something to do. */
async function projectFor({ first }: Changing): Promise<string> {
  const folder = await project();
  if (first !== undefined) {
    await shipkit(first, folder);
    commit(folder);
  }
  return folder;
}

function runIn(cwd: string, { args, in: version }: Changing, ...options: string[]): Promise<Ran> {
  return shipkit([...args, ...options], cwd, version === undefined ? {} : { in: version });
}

function takeBack(folder: string): void {
  git(folder, 'restore', '.');
  git(folder, 'clean', '-fdq');
}

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

test('a dry run with a conflict prints nothing that could be applied, and ends with 4', async () => {
  const folder = await project();
  write(folder, 'src/database/schema.ts', 'export {}; // mine\n');
  commit(folder);
  for (const json of [[], ['--json']]) {
    const dry = await shipkit(['add-domain', 'customers', ...fields, '--dry-run', ...json], folder);
    expect(dry.exitCode, dry.stderr).toBe(4);
    expect(dry.stdout).not.toContain('diff --git');
  }
});

test('what comes back another way than it went is not promised', async () => {
  const folder = await project();
  await shipkit(['add-domain', 'customers', ...fields], folder);
  commit(folder);
  const same = await shipkit(['remove-domain', 'customers', '--json'], folder);
  expect(JSON.parse(same.stdout)).toMatchObject({
    wayBack: `shipkit add-domain customers --fields "${fields[1]}"`,
  });
  git(folder, 'restore', '.');
  git(folder, 'clean', '-fdq');

  const models = 'src/domains/customers/models.ts';
  write(folder, models, read(folder, models).replace('length: 255', 'length: 100'));
  commit(folder);
  const edited = await shipkit(['remove-domain', 'customers', '--json'], folder);
  expect(edited.exitCode, edited.stderr).toBe(0);
  expect(JSON.parse(edited.stdout)).not.toHaveProperty('wayBack');
  git(folder, 'restore', '.');
  git(folder, 'clean', '-fdq');

  edit(folder, 'src/domains/customers/router.ts', (text) => `${text}// mine\n`);
  commit(folder);
  const kept = await shipkit(['remove-domain', 'customers', '--json'], folder);
  expect(JSON.parse(kept.stdout)).not.toHaveProperty('wayBack');
});

test('a table to which its owner added comes back as it was, by the command that is printed', async () => {
  const folder = await project();
  await shipkit(['add-domain', 'customers', ...fields], folder);
  const models = 'src/domains/customers/models.ts';
  edit(folder, models, (text) =>
    text
      .replace(
        '    createdAt:',
        "    /** Called first. */\n    rank: int('rank').notNull().default(0),\n    createdAt:",
      )
      .replace(
        "    index('",
        "    index('customers_rank').on(table.accountId, table.rank),\n    index('",
      )
      .replace('import {', 'import {\n  int,'),
  );
  commit(folder);
  const before = contentOf(folder);
  const removed = await shipkit(['remove-domain', 'customers', '--json'], folder);
  const { wayBack } = JSON.parse(removed.stdout) as { wayBack: string };
  commit(folder);
  const other = ['add-domain', 'customers', '--fields', 'name:string:unique', '--no-install'];
  expect((await shipkit(other, folder)).exitCode).toBe(3);
  const [, ...words] = wayBack.replaceAll('"', '').split(' ');
  const back = await shipkit(words, folder);
  expect(back.exitCode, back.stderr).toBe(0);
  const after = contentOf(folder);
  expect(after[models]).toContain("rank: int('rank')");
  expect({ ...after, [models]: '' }).toEqual({ ...before, [models]: '' });
});
