import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { presetOf } from '../../src/catalog/resolve.ts';
import { cli, listing, temporaryFolder, workFolder } from './support/cli.ts';
import { git } from './support/git.ts';

const quick = ['--yes', '--no-install', '--no-git'];

interface Created {
  ok: boolean;
  name: string;
  folder: string;
  features: string[];
  files: string[];
  next: string[];
  git: { state: string; reason?: string };
}

test('domains that get no migration are told with the reason, and the project is whole', async () => {
  const cwd = workFolder();
  const bin = temporaryFolder('idle-npm');
  writeFileSync(join(bin, 'npm'), '#!/bin/sh\n', { mode: 0o755 });
  const config = join(bin, 'answers.json');
  const fields = [{ name: 'title', type: 'string' }];
  writeFileSync(config, JSON.stringify({ domains: [{ name: 'notes', fields }] }));
  const { exitCode, stderr } = await cli(['shop', '--yes', '--no-git', '--config', config], {
    cwd,
    env: { PATH: `${bin}:${process.env['PATH']}` },
  });
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/no migration yet \(.*drizzle-kit.*\): the project is whole in .*shop/);
  expect(stderr).toContain('go on there with npm run db:generate.');
  expect(listing(cwd)).toContain('shop/src/domains/notes/models.ts');
});

describe('create', () => {
  test('makes a project, says what it made, how long it took and what comes next', async () => {
    const cwd = workFolder();
    const { exitCode, stdout } = await cli(['my-app', ...quick], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /my-app \(starter with billing, admin\): \d+ files in .*my-app, in \d+\.\d+ s\./,
    );
    expect(stdout).toContain('  cd my-app\n  npm ci\n  npm run dev');
    expect(readPackage(join(cwd, 'my-app'))['name']).toBe('my-app');
    expect(listing(cwd).filter((path) => !path.startsWith('my-app/'))).toEqual([]);
  });

  test('prints one JSON object for programs, and everything else beside it', async () => {
    const cwd = workFolder();
    const { exitCode, stdout } = await cli(['shop', ...quick, '--json'], { cwd });
    const made = JSON.parse(stdout) as Created;
    expect(exitCode).toBe(0);
    expect(made).toMatchObject({ ok: true, name: 'shop', folder: join(cwd, 'shop') });
    expect(made.next).toEqual(['cd shop', 'npm ci', 'npm run dev']);
    expect(made.files).toEqual(listing(join(cwd, 'shop')).filter((path) => !path.endsWith('/')));
  });

  test('writes the same bytes in any place', async () => {
    const [one, two] = [workFolder(), workFolder()];
    await cli(['shop', ...quick, '--tier', 'professional'], { cwd: one });
    await cli([join(two, 'deep', 'shop'), ...quick, '--tier=professional'], { cwd: one });
    const [left, right] = [join(one, 'shop'), join(two, 'deep', 'shop')];
    const files = listing(left);
    expect(listing(right)).toEqual(files);
    for (const file of files.filter((path) => !path.endsWith('/'))) {
      expect(readFileSync(join(left, file)).equals(readFileSync(join(right, file))), file).toBe(
        true,
      );
    }
  });

  test('fills a folder that is there and empty', async () => {
    const cwd = workFolder();
    mkdirSync(join(cwd, 'shop'));
    expect((await cli(['shop', ...quick], { cwd })).exitCode).toBe(0);
    expect(listing(join(cwd, 'shop'))).toContain('package.json');
  });

  test('is the same command under each of its names', async () => {
    const cwd = workFolder();
    await cli(['create', 'a', ...quick], { cwd });
    await cli(['create', 'b', ...quick], { cwd, program: 'shipkit' });
    expect(listing(join(cwd, 'a'))).toEqual(listing(join(cwd, 'b')));
  });

  test('lists what it would make, and makes nothing, with --dry-run', async () => {
    const cwd = workFolder();
    const { exitCode, stdout } = await cli(['shop', '--yes', '--dry-run'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('package.json\n');
    expect(stdout).toContain('Nothing was written.');
    expect(listing(cwd)).toEqual([]);
  });

  test('takes answers from a config file, and flags before it', async () => {
    const cwd = workFolder();
    const config = { name: 'shop', tier: 'professional', without: ['ci'], git: false };
    writeFileSync(join(cwd, 'shop.json'), JSON.stringify(config));
    const args = ['--config', 'shop.json', '--yes', '--no-install', '--json'];
    const { stdout } = await cli([...args, '--without', ''], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({
      name: 'shop',
      tier: 'professional',
      features: presetOf('professional'),
      git: { state: 'skipped' },
    });
  });

  test('takes pages of domains in the admin area where there is one, and refuses them else', async () => {
    const cwd = workFolder();
    const fields = [{ name: 'title', type: 'string' }];
    const input = JSON.stringify({
      name: 'shop',
      domains: [{ name: 'notes', fields, admin: true }],
    });
    const without = await cli(['--config', '-', ...quick, '--without', 'admin'], { cwd, input });
    expect([without.exitCode, listing(cwd)]).toEqual([2, []]);
    expect(without.stderr).toContain('The domain notes has pages in the admin area');
    expect((await cli(['--config', '-', ...quick], { cwd, input })).exitCode).toBe(0);
    expect(listing(cwd)).toContain('shop/src/domains/notes/admin/list-page.ts');
  });

  test('takes answers from standard input', async () => {
    const cwd = workFolder();
    const input = '{"name":"shop"}';
    const { exitCode } = await cli(['--config', '-', ...quick], { cwd, input });
    expect(exitCode).toBe(0);
    expect(listing(cwd)).toContain('shop/package.json');
  });

  test('needs no --yes when every question has its flag', async () => {
    const cwd = workFolder();
    const flags = ['--tier=starter', '--features=ci', '--package-manager=pnpm'];
    const { exitCode, stdout } = await cli(['shop', ...flags, '--no-git', '--no-install'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('  pnpm import\n  pnpm install\n  pnpm dev');
    expect(listing(cwd)).toContain('shop/.github/workflows/ci.yml');
  });

  test('gives way to the owner of the machine: modes follow the umask', async () => {
    const cwd = workFolder();
    const node = ['sh', '-c', 'umask 077 && exec "$0" "$@"', process.execPath];
    await cli(['shop', ...quick], { cwd, node });
    expect(statSync(join(cwd, 'shop', 'package.json')).mode & 0o777).toBe(0o600);
  });
});

describe('the git repository of a new project', () => {
  const noInstall = ['--yes', '--no-install', '--json'];

  test('has one commit with everything, in the name of the tool when nobody is known', async () => {
    const cwd = workFolder();
    const { stdout } = await cli(['shop', ...noInstall], { cwd });
    expect((JSON.parse(stdout) as Created).git).toEqual({ state: 'committed' });
    const folder = join(cwd, 'shop');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'log', '--format=%an %s')).toMatch(
      /^create-shipkit Start from create-shipkit \d+\.\d+\.\d+$/,
    );
    expect(git(folder, 'branch', '--show-current')).toBe('main');
  });

  test('is in the name of its owner where git knows it, and never signed', async () => {
    const cwd = workFolder();
    const config = '[user]\nname = Ada\nemail = ada@example.com\n[commit]\ngpgSign = true\n';
    writeFileSync(join(cwd, 'gitconfig'), config);
    const env = { GIT_CONFIG_GLOBAL: join(cwd, 'gitconfig') };
    const { exitCode } = await cli(['shop', ...noInstall], { cwd, env });
    expect(exitCode).toBe(0);
    const author = git(join(cwd, 'shop'), 'log', '--format=%an <%ae>');
    expect(author).toBe('Ada <ada@example.com>');
  });

  test('is not made inside another, and that is said', async () => {
    const cwd = workFolder();
    git(cwd, 'init');
    const { stdout, exitCode } = await cli(['shop', '--yes', '--no-install'], { cwd });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('No git repository was made: the folder lies in a git repository');
    expect(listing(join(cwd, 'shop'))).not.toContain('.git/');
  });

  test('is not made where there is no git, and that is said', async () => {
    const cwd = workFolder();
    const env = { PATH: temporaryFolder('empty-path') };
    const { stdout, exitCode } = await cli(['shop', '--yes', '--no-install'], { cwd, env });
    expect(exitCode).toBe(0);
    expect(stdout).toContain('No git repository was made: git is not installed.');
  });

  test('does not go to the repository of a hook that runs this', async () => {
    const cwd = workFolder();
    const other = temporaryFolder('other');
    git(other, 'init');
    const env = { GIT_DIR: join(other, '.git'), GIT_INDEX_FILE: join(other, '.git', 'index') };
    const { stdout } = await cli(['shop', ...noInstall], { cwd, env });
    expect((JSON.parse(stdout) as Created).git).toEqual({ state: 'committed' });
    expect(git(join(cwd, 'shop'), 'status', '--porcelain')).toBe('');
  });
});

describe('a failed install', () => {
  test('keeps the project, says how to go on, and exits 1', async () => {
    const cwd = workFolder();
    const npm = temporaryFolder('broken-npm');
    const script =
      '#!/bin/sh\necho "npm error code ENOTFOUND" >&2\necho "npm error no network" >&2\nexit 1\n';
    writeFileSync(join(npm, 'npm'), script, { mode: 0o755 });
    const env = { PATH: `${npm}:${process.env['PATH']}` };
    const { exitCode, stdout, stderr } = await cli(['shop', '--yes', '--no-git'], { cwd, env });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The install failed (no network)');
    expect(stderr).toContain('npm ci');
    expect(stdout).toContain('  cd shop\n  npm ci\n  npm run dev');
    expect(listing(cwd)).toContain('shop/package.json');
  });

  test('is an answer for programs too', async () => {
    const cwd = workFolder();
    const env = { PATH: temporaryFolder('empty-path') };
    const { exitCode, stdout } = await cli(['shop', '--yes', '--no-git', '--json'], { cwd, env });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      error: { code: 'install-failed' },
      folder: join(cwd, 'shop'),
    });
  });

  test('is seen before anything is written where pnpm is missing', async () => {
    const cwd = workFolder();
    const env = { PATH: temporaryFolder('empty-path') };
    const args = ['shop', '--yes', '--package-manager', 'pnpm'];
    const { exitCode, stderr } = await cli(args, { cwd, env });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('pnpm is not installed');
    expect(listing(cwd)).toEqual([]);
  });
});

function readPackage(folder: string): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, unknown>;
}
