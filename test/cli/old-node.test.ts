import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { npm } from '../../scripts/lib/generate.ts';
import { rendered, richest } from '../unit/support/combinations.ts';
import { lastingFolder, temporaryFolder } from './support/cli.ts';
import { nodeOf, oldNode } from './support/nodes.ts';

const tree = rendered(richest('my-app'));
const { scripts } = JSON.parse(contentOf('package.json')) as { scripts: Record<string, string> };
// These look at the project and run nothing of it. Of any other script it is taken that it does.
const reader = /^(?:tsc|oxlint|oxfmt)(?: |$)/;
const runners = Object.keys(scripts).filter((name) => !reader.test(scripts[name] ?? ''));

// Nothing else is there: a script that gets past the guard finds nothing that it could start.
const project = lastingFolder('old-node');
mkdirSync(join(project, 'src'));
for (const file of ['package.json', 'src/require-node.js']) {
  writeFileSync(join(project, file), contentOf(file));
}

test.each([
  ['20.20.2', 3],
  ['24.10.0', 3],
  ['24.11.0', 0],
  ['26.0.0', 0],
])('a project is run by Node %s: exit code %i', async (version, exitCode) => {
  const [node, ...options] = nodeOf(version);
  const ran = await execa(node, [...options, 'src/require-node.js'], {
    cwd: project,
    all: true,
    reject: false,
  });
  expect(ran.exitCode).toBe(exitCode);
  expect(ran.all).toBe(exitCode === 0 ? '' : refusal(version));
});

test.each(runners)('on an old Node the script %s is one sentence and exit code 3', async (name) => {
  const [node, ...options] = nodeOf('24.10.0');
  const command = [node, ...options].map((part) => `"${part}"`).join(' ');
  const folder = temporaryFolder('path');
  writeFileSync(join(folder, 'node'), `#!/bin/sh\nexec ${command} "$@"\n`, { mode: 0o755 });
  await expectRefusal(name, folder, '24.10.0');
});

test.skipIf(oldNode === undefined)('and so it is on the old Node of this machine', async () => {
  const { stdout } = await execa(oldNode ?? '', ['--version']);
  const folder = temporaryFolder('path');
  symlinkSync(oldNode ?? '', join(folder, 'node'));
  for (const name of ['start', 'test']) await expectRefusal(name, folder, stdout.slice(1));
});

/** Runs a script where the first `node` on the PATH is the one in the folder. */
async function expectRefusal(name: string, folder: string, version: string): Promise<void> {
  const env = cleanEnvironment({ PATH: [folder, process.env['PATH']].join(delimiter) });
  const ran = await npm(project, ['run', '--silent', name], { env, reject: false });
  expect(ran.exitCode, ran.all).toBe(3);
  expect(ran.all).toBe(refusal(version));
}

function refusal(version: string): string {
  return `This project needs Node.js 24.11 or later, and this is ${version}: install a newer one from https://nodejs.org.`;
}

function contentOf(path: string): string {
  return String(tree.get(path)?.content);
}
