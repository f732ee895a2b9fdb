import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtPackage } from './support/built.ts';
import { contentOf, edit, read } from './support/changed.ts';
import { cli, lastingFolder, workFolder } from './support/cli.ts';
import { buildNewer } from './support/newer.ts';

let older = '';
const newer = lastingFolder('newer');

beforeAll(() => {
  older = builtPackage();
  buildNewer(newer);
}, 60_000);

const shipkit = (args: readonly string[], cwd: string) =>
  cli(args, { cwd, program: 'shipkit', in: newer });

async function olderProject(): Promise<string> {
  const cwd = workFolder();
  const made = await cli(['shop', '--yes', '--no-install', '--no-git'], { cwd, in: older });
  expect(made.exitCode, made.stderr).toBe(0);
  const folder = join(cwd, 'shop');
  const fields = ['--fields', 'name:string'];
  await cli(['add-domain', 'customers', ...fields], { cwd: folder, program: 'shipkit', in: older });
  return folder;
}

describe('update', () => {
  test('makes of an untouched project what the newer version makes from the start', async () => {
    const folder = await olderProject();
    expect((await shipkit(['update'], folder)).exitCode).toBe(0);
    const cwd = workFolder();
    await cli(['shop', '--yes', '--no-install', '--no-git'], { cwd, in: newer });
    await shipkit(['add-domain', 'customers', '--fields', 'name:string'], join(cwd, 'shop'));
    expect(contentOf(folder)).toEqual(contentOf(join(cwd, 'shop')));
    const again = await shipkit(['update'], folder);
    expect(again.stdout).toContain('Nothing to do');
  });

  test('keeps edits beside what changes, and what is written once', async () => {
    const folder = await olderProject();
    edit(folder, 'src/log-error.ts', (text) => `${text}\nexport const mine = 1;\n`);
    edit(folder, 'package.json', (text) =>
      text.replace('"scripts": {', '"scripts": {\n    "mine": "x",'),
    );
    edit(folder, 'migrations/0000_initial.sql', (text) => `${text}\n-- mine\n`);
    const { exitCode, stdout } = await shipkit(['update'], folder);
    expect(exitCode, stdout).toBe(0);
    expect(stdout).toMatch(/^merged {3}src\/log-error\.ts$/m);
    expect(stdout).toMatch(/^new {6}src\/newer\.ts$/m);
    expect(stdout).toMatch(/^removed {2}test\/route\.test\.ts$/m);
    expect(read(folder, 'src/log-error.ts')).toMatch(/^\/\/ Newer\.[\s\S]*mine = 1;\n$/);
    expect(JSON.parse(read(folder, 'package.json'))).toMatchObject({
      scripts: { mine: 'x', newer: 'node src/newer.ts' },
    });
    expect(read(folder, 'migrations/0000_initial.sql')).toContain('-- mine');
    expect(JSON.parse(read(folder, '.shipkit/manifest.json'))).toMatchObject({ version: '0.2.0' });
  });

  test('with an edit in the same place ends with 4 and writes nothing', async () => {
    const folder = await olderProject();
    edit(folder, 'src/domains/auth/account/routes.ts', (text) =>
      text.replace("summary: 'Register a user'", "summary: 'Sign up'"),
    );
    const standing = contentOf(folder);
    const { exitCode, stdout } = await shipkit(['update'], folder);
    expect(exitCode).toBe(4);
    expect(stdout).toMatch(/^conflict src\/domains\/auth\/account\/routes\.ts:\d+/m);
    expect(contentOf(folder)).toEqual(standing);
  });

  test('--check ends with 10, and tells the files and the notes of each version between', async () => {
    const folder = await olderProject();
    const standing = contentOf(folder);
    const { exitCode, stdout } = await shipkit(['update', '--check'], folder);
    expect(exitCode).toBe(10);
    expect(stdout).toMatch(/0\.2\.0[\s\S]*Answers more kindly[\s\S]*0\.1\.1[\s\S]*Between/);
    expect(stdout).not.toContain('The first version');
    expect(stdout).toMatch(/^changed {2}src\/log-error\.ts$/m);
    expect(stdout).toMatch(/^new {6}src\/newer\.ts$/m);
    expect(stdout).toMatch(/^removed {2}test\/route\.test\.ts$/m);
    expect(contentOf(folder)).toEqual(standing);

    await shipkit(['update'], folder);
    const after = await shipkit(['update', '--check', '--json'], folder);
    expect(after.exitCode).toBe(0);
    expect(JSON.parse(after.stdout)).toMatchObject({ isNews: false, files: [], notes: [] });
  });

  test('comes before any other change', async () => {
    const folder = await olderProject();
    const { exitCode, stderr } = await shipkit(['add', 'ci'], folder);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('run shipkit update first, or npx create-shipkit@0.1.0 add ci');
    expect((await shipkit(['update'], folder)).exitCode).toBe(0);
    expect((await shipkit(['add', 'ci'], folder)).exitCode).toBe(0);
  });

  test('is refused by an older version than made the project', async () => {
    const folder = await olderProject();
    await shipkit(['update'], folder);
    const { exitCode, stderr } = await cli(['update'], {
      cwd: folder,
      program: 'shipkit',
      in: older,
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain('made by version 0.2.0, and this is 0.1.0');
  });
});
