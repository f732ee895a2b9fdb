import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cli, lastingFolder, startCli, temporaryFolder } from './support/cli.ts';

let folder = '';

beforeAll(async () => {
  const cwd = lastingFolder('rotate');
  const made = await startCli(['my-app', '--yes', '--no-install', '--no-git'], { cwd });
  expect(made.exitCode, made.stderr).toBe(0);
  folder = join(cwd, 'my-app');
});

const rotateKeys = (args: readonly string[], cwd = folder) =>
  cli(['rotate-keys', ...args], { cwd, program: 'shipkit' });

test('outside a project it says so, with exit code 3', async () => {
  const { exitCode, stderr } = await rotateKeys([], temporaryFolder('nothing'));
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/is not in a project/);
});

test('without packages it says so, with exit code 3', async () => {
  const { exitCode, stdout, stderr } = await rotateKeys(['--json']);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/has no node_modules: install its packages first/);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'no-packages' } });
});

test('a step that there is not is refused with exit code 2', async () => {
  const { exitCode, stderr } = await rotateKeys(['turn']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/Allowed choices are stage, promote, retire, status/);
});

test('an option in the place of a value is refused with exit code 2, and not passed on', async () => {
  for (const option of ['--instances', '--timeout']) {
    const { exitCode, stderr } = await rotateKeys(['status', option, '--json']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`argument '--json' is invalid`);
  }
});

test("the project's own command gets the options, in the project's folder, and its exit code is passed on", async () => {
  mkdirSync(join(folder, 'node_modules'));
  const script =
    'console.log(JSON.stringify(process.argv.slice(2)), process.cwd()); process.exit(7);';
  writeFileSync(join(folder, 'src/commands/keys.ts'), script);
  const all = ['stage', '--instances', 'a,b', '--timeout', '5', '--json'];

  const { exitCode, stdout } = await rotateKeys(all, join(folder, 'src/http'));

  expect(exitCode).toBe(7);
  expect(stdout).toBe(`["stage","--instances=a,b","--timeout=5","--json"] ${folder}`);
  const outside = await rotateKeys(
    ['--compromised', '--cwd', folder],
    temporaryFolder('elsewhere'),
  );
  expect(outside.stdout).toBe(`["rotate","--compromised"] ${folder}`);
});

test('a project without the command is told so, with exit code 3', async () => {
  rmSync(join(folder, 'src/commands/keys.ts'));
  const { exitCode, stderr } = await rotateKeys([]);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/has no src\/commands\/keys\.ts/);
});
