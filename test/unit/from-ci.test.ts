// What the key of continuous integration may have done on a server.
import { chmodSync, cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from '../../scripts/lib/root.ts';

let folder: string;
const sum = 'a'.repeat(64);
const commit = 'b'.repeat(40);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shipkit-from-ci-'));
  cpSync(join(root, 'templates/pairs/ci+vps/deploy/vps'), folder, { recursive: true });
  cpSync(join(root, 'templates/deploy/vps/deploy/vps/lib.sh'), join(folder, 'lib.sh'));
  for (const name of ['deploy', 'rollback']) {
    const script = join(folder, `${name}.sh`);
    writeFileSync(
      script,
      `#!/bin/sh\nprintf '%s\\n' ${name} "$@"\n[ ${name} = rollback ] || cat "$2"\n`,
    );
    chmodSync(script, 0o755);
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const order = (text: string) =>
  execa('bash', [join(folder, 'from-ci.sh')], {
    env: { SSH_ORIGINAL_COMMAND: text },
    input: 'the artefact',
    reject: false,
  });

test('it deploys the artefact that comes with a checksum, under its commit', async () => {
  const { stdout, exitCode } = await order(`deploy ${sum} ${commit}`);
  const revision = commit.slice(0, 12);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'deploy',
    '--artefact',
    expect.stringMatching(/^\//),
    '--sha256',
    sum,
    '--revision',
    revision,
    'the artefact',
  ]);
});

test.each([
  ['rollback', ['rollback']],
  ['rollback ', ['rollback']],
  ['rollback 20260101T000000-abc', ['rollback', '20260101T000000-abc']],
])('“%s” goes back', async (text, said) => {
  expect((await order(text)).stdout.split('\n')).toEqual(said);
});

test.each([
  '',
  'bash',
  'deploy',
  `deploy ${sum}`,
  `deploy ${sum} ${commit}; id`,
  `deploy ${sum} ${commit}\nid`,
  `deploy ${sum.toUpperCase()} ${commit}`,
  'rollback --help',
  'rollback ../../etc',
  'rollback a b',
  'rollback $(id)',
])('“%s” is refused', async (text) => {
  const { stdout, stderr, exitCode } = await order(text);
  expect([exitCode, stdout, stderr]).toEqual([
    2,
    '',
    'This key deploys and rolls back, and nothing else.',
  ]);
});
