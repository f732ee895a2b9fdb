import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { read, write } from './support/changed.ts';
import { cli, workFolder } from './support/cli.ts';

const shipkit = (args: readonly string[], cwd: string) => cli(args, { cwd, program: 'shipkit' });

async function project(): Promise<string> {
  const cwd = workFolder();
  await cli(['shop', '--yes', '--no-install', '--no-git'], { cwd });
  return join(cwd, 'shop');
}

test('diff shows edited, deleted and new files, and nothing of what is as it was', async () => {
  const folder = await project();
  const untouched = await shipkit(['diff'], folder);
  expect(untouched).toMatchObject({ exitCode: 0, stdout: '' });
  expect(untouched.stderr).toContain('Nothing differs');

  write(folder, 'src/log.ts', `${read(folder, 'src/log.ts')}// mine\n`);
  write(folder, 'src/http/mine.ts', 'export {};\n');
  rmSync(join(folder, 'README.md'));
  // A checkout with other line endings is no change, and neither is what is written once.
  write(folder, 'src/main.ts', read(folder, 'src/main.ts').replaceAll('\n', '\r\n'));
  write(folder, 'migrations/0000_initial.sql', '-- mine\n');
  const { stdout, exitCode } = await shipkit(['diff'], folder);
  expect(exitCode).toBe(0);
  const files = [...stdout.matchAll(/^diff --git a\/(\S+)/gm)].map(([, file]) => file);
  expect(files).toEqual(['README.md', 'src/http/mine.ts', 'src/log.ts']);
  expect(stdout).toMatch(/^\+\/\/ mine$/m);
  expect(stdout).toMatch(/^deleted file mode 100644$/m);
  expect(stdout).toMatch(/^new file mode 100644$/m);
});

test('diff of a path shows what is in it, named from where the user stands', async () => {
  const folder = await project();
  write(folder, 'src/log.ts', `${read(folder, 'src/log.ts')}// mine\n`);
  write(folder, 'src/http/mine.ts', 'export {};\n');
  const { stdout } = await shipkit(['diff', 'http', '--json'], join(folder, 'src'));
  expect(JSON.parse(stdout)).toMatchObject({
    ok: true,
    files: [{ path: 'src/http/mine.ts', kind: 'create' }],
  });
});

test('diff of a path at which there is and was nothing says so', async () => {
  const folder = await project();
  const { exitCode, stderr } = await shipkit(['diff', 'nothing-such'], folder);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('There is no nothing-such, and none was generated.');
});

test.skipIf(process.platform === 'win32')('diff shows a file that became a program', async () => {
  const folder = await project();
  chmodSync(join(folder, 'src/main.ts'), 0o755);
  const { stdout } = await shipkit(['diff'], folder);
  expect(stdout).toBe('diff --git a/src/main.ts b/src/main.ts\nold mode 100644\nnew mode 100755');
  const json = JSON.parse((await shipkit(['diff', '--json'], folder)).stdout) as object;
  expect(json).toMatchObject({ files: [{ path: 'src/main.ts', kind: 'mode' }] });
});
