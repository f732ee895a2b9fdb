import { cpSync, existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { Program } from '../../scripts/lib/program.ts';
import { root } from '../../scripts/lib/root.ts';

let folder: string;

/** A repository of nothing but run.js, and a lockfile without packages. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'shipkit-run-')));
  for (const path of ['scripts/run.js', 'scripts/lib']) {
    cpSync(join(root, path), join(folder, path), { recursive: true });
  }
  writeManifest('package.json', {});
  writeLockfile('1.0.0');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function writeManifest(file: string, more: Record<string, unknown>): void {
  const manifest = { name: 'miniature', version: '1.0.0', type: 'module', ...more };
  writeFileSync(join(folder, file), JSON.stringify(manifest));
}

function writeLockfile(version: string): void {
  const packages = { '': { name: 'miniature', version } };
  writeManifest('package-lock.json', { version, lockfileVersion: 3, packages });
}

function run(source: string, ...args: string[]) {
  writeFileSync(join(folder, 'script.ts'), source);
  return execa(process.execPath, ['scripts/run.js', 'script.ts', ...args], {
    cwd: folder,
    reject: false,
  });
}

const installing = 'Installing the packages';

test('a script keeps its arguments and its exit code', async () => {
  const source = 'console.log(process.argv.slice(2).join("|")); process.exit(7 as number);';
  const ran = await run(source, 'one', 'two words');
  expect(ran.stdout).toBe('one|two words');
  expect(ran.exitCode).toBe(7);
});

test('a script finds first Node, then the tools of the repository on its PATH', async () => {
  const ran = await run('console.log(process.env.PATH);');
  const path = ran.stdout.split(delimiter);
  expect(path.slice(0, 2)).toEqual([
    dirname(process.execPath),
    join(folder, 'node_modules', '.bin'),
  ]);
});

test('a script that a signal ends shows as in a shell', async () => {
  const ran = await run('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000);');
  expect(ran.exitCode).toBe(137);
});

test('a signal reaches the script, which decides how it ends', async () => {
  const source = `
    process.on('SIGTERM', () => process.exit(5));
    setInterval(() => {}, 1000);
    console.log('ready');`;
  writeFileSync(join(folder, 'script.ts'), source);
  const program = new Program(process.execPath, ['scripts/run.js', 'script.ts'], {
    cwd: folder,
    env: process.env,
  });
  await program.until(/ready/);
  program.signal('SIGTERM');
  expect(await program.exitCode).toBe(5);
});

test('packages are installed once, and again when the lockfile changes', async () => {
  expect((await run('')).stderr).toContain(installing);
  expect((await run('')).stderr).toBe('');
  writeLockfile('1.0.1');
  expect((await run('')).stderr).toContain(installing);
  expect((await run('')).stderr).toBe('');
});

test('two first runs at the same time install once, and both go on', async () => {
  const both = await Promise.all([run('console.log(1)'), run('console.log(1)')]);
  expect(both.map(({ exitCode, stdout }) => [exitCode, stdout])).toEqual([
    [0, '1'],
    [0, '1'],
  ]);
  expect(both.filter(({ stderr }) => stderr.includes(installing))).toHaveLength(1);
});

test('an install that was killed is done again, whole', async () => {
  writeFileSync(join(folder, 'script.ts'), '');
  const program = new Program(process.execPath, ['scripts/run.js', 'script.ts'], {
    cwd: folder,
    env: process.env,
  });
  await program.until(new RegExp(installing));
  await program.stop('SIGKILL');
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);

  const ran = await run('console.log("done")');
  expect(ran.stdout).toBe('done');
  expect(ran.stderr).toContain(installing);
});

test('a failed install is one sentence beside the reason that npm gave, and exit code 1', async () => {
  writeManifest('package.json', { dependencies: { 'is-not-in-the-lockfile': '1.0.0' } });
  const ran = await run('console.log("never")');
  expect(ran.exitCode).toBe(1);
  expect(ran.stdout).toBe('');
  expect(ran.stderr).toContain('npm ci failed (exit code 1)');
  expect(ran.stderr).not.toMatch(/^\s+at /m);
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
});
