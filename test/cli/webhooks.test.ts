import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { cli, lastingFolder, startCli, temporaryFolder } from './support/cli.ts';

let folder = '';

beforeAll(async () => {
  const cwd = lastingFolder('webhooks');
  const flags = ['--yes', '--features', 'billing', '--no-install', '--no-git'];
  const made = await startCli(['my-app', ...flags], { cwd });
  expect(made.exitCode, made.stderr).toBe(0);
  folder = join(cwd, 'my-app');
});

const webhooks = (args: readonly string[], cwd = folder) =>
  cli(['webhooks', ...args], { cwd, program: 'shipkit' });

test('outside a project, or without packages, it says so, with exit code 3', async () => {
  const outside = await webhooks(['list'], temporaryFolder('nothing'));
  expect(outside.exitCode).toBe(3);
  expect(outside.stderr).toMatch(/is not in a project/);
  const { exitCode, stdout } = await webhooks(['list', '--json']);
  expect(exitCode).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'no-packages' } });
});

test('an action that there is not is refused with exit code 2', async () => {
  const { exitCode, stderr } = await webhooks(['delete']);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/Allowed choices are list, show, replay, discard/);
});

test("the project's own command gets the options, with a database, and its exit code is passed on", async () => {
  mkdirSync(join(folder, 'node_modules'));
  const script = (exitCode: number) =>
    `console.log(JSON.stringify(process.argv.slice(2)), process.cwd()); process.exitCode = ${exitCode};`;
  expect(existsSync(join(folder, 'dev/with-database.ts'))).toBe(true);
  writeFileSync(join(folder, 'dev/with-database.ts'), script(5));
  writeFileSync(join(folder, 'src/commands/webhooks.ts'), script(7));
  const all = ['list', '--state', 'dead', '--limit', '5', '--json'];

  const listed = await webhooks(all, join(folder, 'src/http'));
  expect(listed.exitCode).toBe(5);
  expect(listed.stdout).toBe(
    `["src/commands/webhooks.ts","list","--state=dead","--limit=5","--json"] ${folder}`,
  );

  // As it is where only what production needs was deployed.
  renameSync(join(folder, 'dev'), join(folder, 'not-dev'));
  const discarded = await webhooks(['discard', '1', 'evt_1', '--reason', 'a b', '--cwd', folder]);
  expect(discarded.exitCode).toBe(7);
  expect(discarded.stdout).toBe(`["discard","1","evt_1","--reason=a b"] ${folder}`);
  expect((await webhooks(['show', '1', '--payload'])).stdout).toContain('["show","1","--payload"]');
  expect((await webhooks(['replay', '--dead'])).stdout).toContain('["replay","--dead"]');
  const ignored = await webhooks(['replay', '--ignored', '--type', 'invoice.paid']);
  expect(ignored.stdout).toContain('["replay","--ignored","--type=invoice.paid"]');
});

test('a project without billing is told how to get it, with exit code 3', async () => {
  rmSync(join(folder, 'src/commands/webhooks.ts'));
  const { exitCode, stderr } = await webhooks(['list']);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/shipkit add billing/);
});
