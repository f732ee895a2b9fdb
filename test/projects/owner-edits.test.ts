import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { root } from '../../scripts/lib/root.ts';
import { lastingFolder } from '../cli/support/cli.ts';
import { edits, expectKept, lineEndings } from '../cli/support/edits.ts';
import { buildNewer } from '../cli/support/newer.ts';
import { plain } from './support/choices.ts';
import { makeProject, type Project } from './support/project.ts';

const isFull = countOf('FULL') > 0;
const newer = lastingFolder('newer');

const commands: readonly (readonly [string, ...string[]])[] = [
  ['add-domain', 'customers', '--fields', 'name:string,email:email:unique'],
  ['add-domain', 'invoices', '--fields', 'total:money,customer:ref(customers)'],
  ['remove-domain', 'invoices'],
  ['add', 'ci'],
  ['remove', 'ci'],
  ['update'],
];

const variants = [
  { name: 'edits of every kind', made: edits },
  { name: 'those edits, and CRLF everywhere', made: [...edits, lineEndings] },
];

beforeAll(() => {
  buildNewer(newer);
});

describe.each(isFull ? variants : variants.slice(0, 1))('a project with $name', ({ made }) => {
  let project: Project;

  beforeAll(async () => {
    project = await makeProject(plain);
    for (const { make } of made) make(project.folder);
    const { exitCode, all } = await project.run('db:generate');
    expect(exitCode, all).toBe(0);
  });

  // One after another, on what the one before has left.
  test.each(commands.map((args) => ({ args, command: args.slice(0, 2).join(' ') })))(
    'has them still after $command',
    async ({ args }) => {
      const told = await shipkit(project, args);
      expect(told).not.toContain('Nothing to do');
      for (const edit of made) expectKept(project.folder, edit);
      if (isFull || args === commands.at(-1)) await expectTestsPass(project);
    },
  );
});

/** Runs a command in the project; only an update is one of the newer version. */
async function shipkit(project: Project, args: readonly [string, ...string[]]): Promise<string> {
  const command = join(args[0] === 'update' ? newer : root, 'bin', 'shipkit.js');
  const { all } = await execa(process.execPath, [command, ...args, '--no-install'], {
    cwd: project.folder,
    env: cleanEnvironment(),
    extendEnv: false,
    all: true,
  });
  return all;
}

/** Runs the project's own tests, those that its owner wrote for the edits among them. */
async function expectTestsPass(project: Project): Promise<void> {
  const { exitCode, all } = await project.run('test', { TEST_DATABASE_URL: inject('serverUrl') });
  expect(exitCode, all).toBe(0);
  for (const name of ['host-of', 'me', 'own', 'notes']) {
    expect(all).toContain(`test/${name}.test.ts`);
  }
}
