import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { mergeBranches } from './support/branches.ts';
import { allContentOf, read, write } from './support/changed.ts';
import { changeIn, cli, lastingFolder, startCli, temporaryFolder } from './support/cli.ts';
import { linkDrizzle } from './support/drizzle.ts';
import { commit, git } from './support/git.ts';
import { buildNewer } from './support/newer.ts';

const fields = ['--fields', 'name:string,email:email:unique'];
const newer = lastingFolder('newer');

interface Crash {
  readonly args: readonly string[];
  /** Makes of a new project one in which the command has something to do. */
  readonly prepare?: (folder: string) => Promise<void>;
  /** The package whose command it is, where that is not the one that made the project. */
  readonly from?: string;
  /** The command after the killed one. */
  readonly next?: readonly string[];
}

const commands: readonly Crash[] = [
  { args: ['add', 'ci'] },
  { args: ['remove', 'ci'], prepare: (folder) => run(['add', 'ci'], folder) },
  { args: ['add-domain', 'customers', ...fields] },
  {
    args: ['remove-domain', 'customers'],
    prepare: (folder) => run(['add-domain', 'customers', ...fields], folder),
  },
  { args: ['update'], from: newer, next: ['info'] },
  { args: ['doctor', '--fix'], prepare: leaveInConflict, next: ['info'] },
];

const transaction = (folder: string) => join(folder, '.shipkit', 'txn');
const prepares = (folder: string) => appears(join(folder, '.shipkit'), 'txn');
const commits = (folder: string) => appears(transaction(folder), 'journal.json');
const phasesOfWriting = [prepares, commits];
const kills = countOf('KILLS');
const random = randomFrom(seed());

beforeAll(() => {
  buildNewer(newer);
});

// The quick run has another half of them by each seed.
const tried = commands.filter((_, at) => countOf('FULL') > 0 || (at + seed()) % 2 === 0);

describe.each(tried)(`$args (SEED=${seed()})`, ({ args, prepare, from, next = ['update'] }) => {
  const moments = Array.from({ length: kills }, (_, index) => ({ index, at: random() }));
  const start = lastingFolder('crash');
  let before: Record<string, string> = {};
  let whole: Record<string, string> = {};
  let lengths: number[] = [];

  beforeAll(async () => {
    await run(['create', 'shop', '--yes', '--no-install', '--no-git'], start);
    const folder = join(start, 'shop');
    await prepare?.(folder);
    before = allContentOf(folder);
    const other = join(start, 'other');
    for (const _ of [1, 2]) {
      rmSync(other, { recursive: true, force: true });
      cpSync(folder, other, { recursive: true });
      lengths = await lengthsOf(other, () => shipkit(args, other, from));
    }
    whole = allContentOf(other);
    expect(whole).not.toEqual(before);
    await run(['info'], other, from);
  });

  test.each(moments)('killed at random moment $index, is wholly the old or the new', async (it) => {
    const folder = join(temporaryFolder('killed'), 'shop');
    cpSync(join(start, 'shop'), folder, { recursive: true });
    const child = shipkit(args, folder, from);
    const phase = it.index % lengths.length;
    await Promise.race([moment(folder, phase, it.at * (lengths[phase] ?? 0)), child]);
    child.kill('SIGKILL');
    await child;
    const left = existsSync(transaction(folder)) ? readdirSync(transaction(folder)) : [];

    const { stderr } = await shipkit(next, folder, from);
    expect(existsSync(transaction(folder))).toBe(false);
    const told = stderr.includes('was interrupted');
    const isNew = stderr.includes('written now');
    expect(told, stderr).toBe(left.length > 0);
    // Where nothing was said, nothing was in the midst of being written.
    const said = isNew ? [whole] : [before];
    expect(told ? said : [before, whole]).toContainEqual(allContentOf(folder));
  });
});

test.each([
  ['info'],
  ['diff'],
  ['update'],
  ['update', '--check'],
  ['add', 'ci'],
  ['doctor'],
  ['doctor', '--fix'],
])('%s %s finishes what a killed command had begun to write, and says so', async (...args) => {
  const folder = await interruptedProject();
  const words = args.filter((word) => word !== undefined);
  const { stderr } = await cli(words, { cwd: folder, program: 'shipkit' });
  expect(stderr).toContain('was interrupted while it wrote: the rest is written now');
  expect(existsSync(transaction(folder))).toBe(false);
  expect(read(folder, 'src/domains/index.ts')).toContain('customers: customersRoutes,');
});

test('what is neither the old nor the new is left alone, and named', async () => {
  const folder = await interruptedProject();
  write(folder, 'src/domains/index.ts', 'mine meanwhile\n');
  const { exitCode, stderr } = await cli(['update'], { cwd: folder, program: 'shipkit' });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('src/domains/index.ts is neither what it was nor what it was to become');
});

/** Two branches that each added a domain, with its migration, as git leaves their merge. */
async function leaveInConflict(folder: string): Promise<void> {
  linkDrizzle(folder);
  git(folder, 'init', '-q', '-b', 'main');
  commit(folder);
  await mergeBranches(folder, (domain) => run(['add-domain', domain, ...fields], folder));
}

/** A project in which a command was killed when it had begun to write; now and then that needs another try. */
async function interruptedProject(): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const folder = join(temporaryFolder('odd'), 'shop');
    await run(['create', 'shop', '--yes', '--no-install', '--no-git'], join(folder, '..'));
    const child = shipkit(['add-domain', 'customers', ...fields], folder);
    await Promise.race([commits(folder), child]);
    child.kill('SIGKILL');
    await child;
    if (existsSync(join(transaction(folder), 'journal.json'))) return folder;
  }
  throw new Error('No command could be killed while it wrote.');
}

/** How long a command takes in all, and from each of the phases of its writing to the end of that. */
async function lengthsOf(folder: string, start: () => Promise<unknown>): Promise<number[]> {
  const began = performance.now();
  const ended = start();
  const phases: number[] = [];
  for (const begins of phasesOfWriting) {
    await Promise.race([begins(folder), ended]);
    phases.push(performance.now());
  }
  await Promise.race([prepares(folder), ended]);
  const wrote = performance.now();
  await ended;
  return [performance.now() - began, ...phases.map((phase) => wrote - phase)];
}

/** At some time of the run, of the writing, or of what is done once the journal is there. */
async function moment(folder: string, phase: number, delay: number): Promise<void> {
  await phasesOfWriting[phase - 1]?.(folder);
  await after(delay);
}

async function appears(folder: string, name: string): Promise<void> {
  if (!existsSync(folder)) await appears(dirname(folder), basename(folder));
  // It may have gone again by now, and all that was in it.
  if (existsSync(folder)) await changeIn(folder, (which) => which === name);
}

async function run(args: readonly string[], cwd: string, from?: string): Promise<void> {
  const { exitCode, stderr } = await shipkit(args, cwd, from);
  if (exitCode !== 0) throw new Error(stderr);
}

function shipkit(args: readonly string[], cwd: string, from?: string) {
  return startCli(args, { cwd, program: 'shipkit', ...(from === undefined ? {} : { in: from }) });
}
