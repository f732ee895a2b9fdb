import { execaSync } from 'execa';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtPackage } from './support/built.ts';
import { cli, listing, type Ran, type RunOptions, workFolder } from './support/cli.ts';
import { nodeOf, oldNode } from './support/nodes.ts';

const quick = ['--yes', '--no-install', '--no-git'];
const isRoot = process.getuid?.() === 0;

/** Runs what cannot be done, as a reader and as a program, and looks that it left no trace. */
async function expectRefusal(
  args: readonly string[],
  options: RunOptions,
  { exitCode, message }: { exitCode: number; message: RegExp | string },
): Promise<void> {
  const before = listing(options.cwd);
  const ran = await cli(args, options);
  expectOneSentence(ran);
  expect(ran.stderr).toMatch(message);
  expect(ran.exitCode).toBe(exitCode);

  const forPrograms = await cli([...args, '--json'], options);
  expect(JSON.parse(forPrograms.stdout)).toEqual({
    ok: false,
    error: { code: expect.stringMatching(/^[a-z-]+$/), message: expectedMessage(message) },
  });
  expect(forPrograms.exitCode).toBe(exitCode);
  expect(listing(options.cwd)).toEqual(before);
}

function expectedMessage(message: RegExp | string): unknown {
  return typeof message === 'string'
    ? expect.stringContaining(message)
    : expect.stringMatching(message);
}

function expectOneSentence({ stdout, stderr }: Ran): void {
  expect(stdout).toBe('');
  expect(stderr.split('\n')).toHaveLength(1);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|Error:/);
}

describe('bad input is one sentence, exit code 2, and nothing is written', () => {
  test.each([
    [
      'a bad name',
      ['My_App'],
      'folder: "My_App" does not start with a lower-case letter; try my-app',
    ],
    ['a long name', ['x'.repeat(25)], 'has 25 characters, at most 24 fit'],
    ['a reserved name', ['con'], '"con" is reserved: Windows keeps it for a device'],
    [
      'a name of a command',
      ['create', 'deploy-config'],
      '"deploy-config" is reserved: it is a command',
    ],
    ['a name of a dependency', ['express'], '"express" is reserved: the project itself depends'],
    ['no folder', [], 'these must be given: the folder'],
    [
      'an unknown flag',
      ['x', '--teir', 'starter'],
      /Unknown option '--teir'.*did you mean --tier\?/,
    ],
    ['an unknown tier', ['x', '--tier', 'gold'], '--tier: '],
    ['an unknown feature', ['x', '--features', 'cl'], 'no feature "cl"; did you mean ci?'],
    [
      'a contradiction',
      ['x', '--features', 'ci', '--without', 'ci'],
      'both --features and --without',
    ],
    ['two folders', ['x', 'y'], /[Tt]oo many arguments/],
    ['a flag without its value', ['x', '--tier'], /--tier/],
    ['a package manager', ['x', '--package-manager', 'yarn'], '--package-manager: '],
    ['a missing config file', ['x', '--config', 'none.json'], 'there is no such file'],
  ])('%s', async (_, args, message) => {
    await expectRefusal([...args, ...quick], { cwd: workFolder() }, { exitCode: 2, message });
  });

  test.each([
    ['not JSON', '{"tier": ', 'shop.json is not JSON'],
    ['no object', '[]', 'shop.json is not a JSON object'],
    ['a bad field', '{"tier":"gold"}', 'shop.json: tier: '],
    ['a bad entry', '{"features":["ci","x"]}', 'shop.json: features[1]: there is no feature "x"'],
    ['an unknown field', '{"teir":"starter"}', 'unknown field "teir"; did you mean tier?'],
    [
      'a domain that is none',
      '{"deploy":{"domain":"192.0.2.1"}}',
      'shop.json: deploy.domain: "192.0.2.1" is an address',
    ],
    [
      'a target that is none',
      '{"deploy":{"dokcer":{}}}',
      'shop.json: deploy: unknown field "dokcer"; did you mean docker?',
    ],
    [
      'targets without their feature',
      '{"name":"shop","deploy":{"vps":{}}}',
      'deploy: a project has targets with',
    ],
    ['a name that escapes', '{"name":"../../etc"}', '"../../etc" is a path, not a name'],
    ['an absolute name', '{"name":"/tmp/x"}', '"/tmp/x" is a path, not a name'],
  ])('a config file with %s', async (_, text, message) => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'shop.json'), text);
    await expectRefusal(['--config', 'shop.json', ...quick], { cwd }, { exitCode: 2, message });
  });

  test('a config on standard input that is none', async () => {
    const options = { cwd: workFolder(), input: 'tier: gold' };
    const message = 'The config on standard input is not JSON';
    await expectRefusal(['x', '--config', '-', ...quick], options, { exitCode: 2, message });
  });

  test('a missing answer where nobody can be asked, by its flag', async () => {
    const message =
      /must be given: --tier, --features, --package-manager, --git or --no-git \(--yes/;
    const args = ['x', '--no-install'];
    await expectRefusal(args, { cwd: workFolder() }, { exitCode: 2, message });
  });

  test.each([
    ['no command', [], 'No command was given: see --help.'],
    ['help for no command', ['help', 'bogus'], 'There is no command "bogus": see --help.'],
    ['help for one that is near', ['help', 'dif'], 'did you mean diff?'],
    ['a dry run of nothing', ['doctor', '--dry-run'], 'without --fix nothing is written'],
    ['an unknown one', ['inof'], /did you mean info\?/],
  ])('shipkit with %s', async (_, args, message) => {
    const { exitCode, stderr } = await cli(args, { cwd: workFolder(), program: 'shipkit' });
    expect(exitCode).toBe(2);
    expect(stderr.split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});

describe('a place that cannot be used is one sentence, exit code 3, and nothing is written', () => {
  test('a folder that is not empty', async () => {
    const cwd = workFolder();
    mkdirSync(join(cwd, 'shop'));
    writeFileSync(join(cwd, 'shop', 'notes.txt'), 'mine');
    await expectRefusal(['shop', ...quick], { cwd }, { exitCode: 3, message: 'is not empty' });
  });

  test('a file', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'shop'), 'mine');
    await expectRefusal(['shop', ...quick], { cwd }, { exitCode: 3, message: 'is a file' });
  });

  test('a folder below a file', async () => {
    const cwd = workFolder();
    writeFileSync(join(cwd, 'notes'), 'mine');
    const message = 'is a file, not a folder';
    await expectRefusal([join('notes', 'shop'), ...quick], { cwd }, { exitCode: 3, message });
  });

  test('a symbolic link', async () => {
    const cwd = workFolder();
    mkdirSync(join(cwd, 'elsewhere'));
    symlinkSync(join(cwd, 'elsewhere'), join(cwd, 'shop'));
    await expectRefusal(['shop', ...quick], { cwd }, { exitCode: 3, message: 'symbolic link' });
  });

  test('the current folder', async () => {
    const cwd = join(workFolder(), 'shop');
    mkdirSync(cwd);
    const message = 'go up one folder and name it there';
    await expectRefusal(['.', ...quick], { cwd }, { exitCode: 3, message });
    await expectRefusal(['../shop', ...quick], { cwd }, { exitCode: 3, message });
  });

  test('a folder that may not be written', async () => {
    const cwd = workFolder();
    const locked = join(cwd, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    // Root may write anywhere: somebody else tries.
    const somebody = ['--reuid=12345', '--regid=12345', '--clear-groups', '--no-new-privs'];
    const node = isRoot ? ['setpriv', ...somebody, process.execPath] : [process.execPath];
    if (isRoot) chmodSync(join(cwd, '..'), 0o755);
    const message = 'There is no permission to write in';
    await expectRefusal(
      [join('locked', 'deep', 'shop'), ...quick],
      { cwd, node },
      { exitCode: 3, message },
    );
  });
});

describe('a full disk is one sentence, exit code 1, and nothing is left', () => {
  test.runIf(isRoot && process.platform === 'linux').each([
    ['while files are written', '200k', ['--no-git']],
    ['while git writes', '1500k', []],
  ])('%s', async (_, size, git) => {
    const cwd = workFolder();
    execaSync('mount', ['-t', 'tmpfs', '-o', `size=${size},nr_inodes=10k`, 'tmpfs', cwd]);
    try {
      const args = ['deep/shop', '--yes', '--no-install', ...git];
      await expectRefusal(args, { cwd }, { exitCode: 1, message: 'The disk is full' });
    } finally {
      execaSync('umount', [cwd]);
    }
  });
});

test('a disk that is full after twenty files leaves nothing, wherever this runs', async () => {
  const fill = `
    const fs = process.getBuiltinModule('node:fs');
    const write = fs.writeSync;
    let written = 0;
    fs.writeSync = (...args) => {
      written += 1;
      if (written <= 20) return write(...args);
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    };
    process.getBuiltinModule('node:module').syncBuiltinESMExports();`;
  const node = [process.execPath, '--import', `data:text/javascript,${encodeURIComponent(fill)}`];
  await expectRefusal(
    ['deep/shop', '--yes', '--no-install', '--no-git'],
    { cwd: workFolder(), node },
    { exitCode: 1, message: 'The disk is full' },
  );
});

describe('an old Node is one sentence and exit code 3', () => {
  test.each([
    ['20.20.2', 3],
    ['24.10.0', 3],
    ['24.11.0', 0],
    ['26.0.0', 0],
  ])('%s: exit code %i', async (version, exitCode) => {
    const node = nodeOf(version);
    const ran = await cli(['--version'], { cwd: workFolder(), node });
    expect(ran.exitCode).toBe(exitCode);
    if (exitCode === 0) return;
    expectOneSentence(ran);
    expect(ran.stderr).toBe(
      `create-shipkit needs Node 24.11 or later, and this is Node ${version}.`,
    );
  });

  test.skipIf(oldNode === undefined)('the one of this machine', async () => {
    const ran = await cli(['x', ...quick], { cwd: workFolder(), node: [oldNode ?? ''] });
    expect(ran.exitCode).toBe(3);
    expectOneSentence(ran);
  });
});

test('a program that is not built says so', () => {
  const cwd = workFolder();
  execaSync('cp', ['-r', join(builtPackage(), 'bin'), join(builtPackage(), 'package.json'), cwd]);
  const { exitCode, stderr } = execaSync(
    process.execPath,
    [join(cwd, 'bin', 'create-shipkit.js'), '--version'],
    { reject: false },
  );
  expect(exitCode).toBe(3);
  expect(stderr).toContain('run npm run build');
});
