import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, describe, expect, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { root } from '../../scripts/lib/root.ts';
import { lastingFolder } from '../cli/support/cli.ts';
import { type Edit, edits, expectKept, lineEndings } from '../cli/support/edits.ts';
import { buildNewer } from '../cli/support/newer.ts';
import { plain } from './support/choices.ts';
import { makeProject, testServers, type Project } from './support/project.ts';

const isFull = countOf('FULL') > 0;
const newer = lastingFolder('newer');

interface Command {
  readonly args: readonly [string, ...string[]];
  /** The package whose command it is. */
  readonly from: string;
}

const commands: readonly Command[] = [
  { from: root, args: ['add-domain', 'customers', '--fields', 'name:string,email:email:unique'] },
  { from: root, args: ['add-domain', 'invoices', '--fields', 'total:money,of:ref(customers)'] },
  { from: root, args: ['remove-domain', 'invoices'] },
  { from: root, args: ['add', 'ci'] },
  { from: root, args: ['remove', 'ci'] },
  { from: root, args: ['remove-domain', 'billing'] },
  { from: root, args: ['add-domain', 'billing'] },
  { from: newer, args: ['update'] },
  { from: newer, args: ['remove-domain', 'customers'] },
];
const titles = commands.map(({ args }) => args.slice(0, 2).join(' '));

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
    await makeEdits(project, made);
  });

  // One after another, on what the one before has left.
  test.each(commands.map((command, at) => ({ command, title: titles[at] })))(
    'has them still after $title',
    async ({ command }) => {
      await expectKeeps(project, made, command);
      if (isFull || command.args[0] === 'update') await expectTestsPass(project, made);
    },
  );
});

const alone = [...edits, lineEndings].map((made, index) => {
  const at = (seed() + index) % commands.length;
  return { made, at, edit: made.name, command: titles[at] };
});

// A sample: which command an edit meets is another in another run.
test.each(isFull ? alone : [])(
  `a project with $edit passes its tests after $command (SEED=${seed()})`,
  async ({ made, at }) => {
    const project = await makeProject(plain);
    for (const command of commands.slice(0, at)) await shipkit(project, command);
    await makeEdits(project, [made]);
    for (const command of commands.slice(at, at + 1)) await expectKeeps(project, [made], command);
    await expectTestsPass(project, [made]);
  },
);

async function makeEdits(project: Project, made: readonly Edit[]): Promise<void> {
  for (const { make } of made) make(project.folder);
  const { exitCode, all } = await project.run('db:generate');
  expect(exitCode, all).toBe(0);
}

async function expectKeeps(
  project: Project,
  made: readonly Edit[],
  command: Command,
): Promise<void> {
  expect(await shipkit(project, command)).not.toContain('Nothing to do');
  for (const edit of made) expectKept(project.folder, edit);
}

/** Runs a command in the project. @throws Error with its output when it failed */
async function shipkit(project: Project, { args, from }: Command): Promise<string> {
  const command = join(from, 'bin', 'shipkit.js');
  const { all } = await execa(process.execPath, [command, ...args, '--no-install'], {
    cwd: project.folder,
    env: cleanEnvironment(),
    extendEnv: false,
    all: true,
  });
  return all;
}

/** Runs the project's own tests, those that its owner wrote for the edits among them. */
async function expectTestsPass(project: Project, made: readonly Edit[]): Promise<void> {
  const { exitCode, all } = await project.run('test', testServers());
  expect(exitCode, all).toBe(0);
  for (const { test: own = '' } of made) expect(all).toContain(own);
}
