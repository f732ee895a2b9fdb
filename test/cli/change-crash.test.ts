import { cpSync, existsSync, mkdtempSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { builtPackage } from './support/built.ts';
import { contentOf, read, write } from './support/changed.ts';
import { cli, strangersEnvironment, temporaryFolder } from './support/cli.ts';

const fields = ['--fields', 'name:string,email:email:unique'];
const commands: readonly { args: readonly string[]; first: readonly (readonly string[])[] }[] = [
  { args: ['add', 'ci'], first: [] },
  { args: ['remove', 'ci'], first: [['add', 'ci']] },
  { args: ['add-domain', 'customers', ...fields], first: [] },
  { args: ['remove-domain', 'customers'], first: [['add-domain', 'customers', ...fields]] },
];

const kills = countOf('KILLS');
const random = randomFrom(seed());

describe.each(commands)(`$args (SEED=${seed()})`, ({ args, first }) => {
  const moments = Array.from({ length: kills }, (_, index) => ({ index, at: random() }));
  let start = '';
  let before: Record<string, string> = {};
  let whole: Record<string, string> = {};
  let duration = 0;

  beforeAll(async () => {
    start = mkdtempSync(join(tmpdir(), 'shipkit-crash-'));
    await run(['create', 'shop', '--yes', '--no-install', '--no-git'], start);
    const folder = join(start, 'shop');
    for (const command of first) await run(command, folder);
    before = contentOf(folder);
    const other = join(start, 'other');
    for (const _ of [1, 2]) {
      rmSync(other, { recursive: true, force: true });
      cpSync(folder, other, { recursive: true });
      const started = performance.now();
      await run(args, other);
      duration = performance.now() - started;
    }
    whole = contentOf(other);
  });

  afterAll(() => {
    rmSync(start, { recursive: true, force: true });
  });

  test.each(moments)('killed at random moment $index, is wholly the old or the new', async (it) => {
    const folder = join(temporaryFolder('killed'), 'shop');
    cpSync(join(start, 'shop'), folder, { recursive: true });
    const child = shipkit(args, folder);
    await Promise.race([moment(folder, it.index, it.at * duration), child]);
    child.kill('SIGKILL');
    await child;
    const interrupted = existsSync(join(folder, '.shipkit', 'txn'));

    const next = await cli(['update'], { cwd: folder, program: 'shipkit' });
    expect(next.exitCode, next.stderr).toBe(0);
    expect(existsSync(join(folder, '.shipkit', 'txn'))).toBe(false);
    const told = next.stderr.includes('was interrupted');
    const isNew = next.stderr.includes('written now');
    // What was said is so; where nothing was said, nothing was in the midst of being written.
    expect(told && !interrupted).toBe(false);
    const said = isNew ? [whole] : [before];
    expect(told ? said : [before, whole]).toContainEqual(contentOf(folder));
  });
});

test.each([
  ['info'],
  ['diff'],
  ['update'],
  ['update', '--check'],
  ['add', 'ci'],
  ['doctor', '--fix'],
])('%s %s finishes what a killed command had begun to write, and says so', async (...args) => {
  const folder = await interruptedProject();
  const words = args.filter((word) => word !== undefined);
  const { stdout, stderr } = await cli(words, { cwd: folder, program: 'shipkit' });
  expect(stdout + stderr).toContain('was interrupted while it wrote: the rest is written now');
  expect(existsSync(join(folder, '.shipkit', 'txn'))).toBe(false);
  expect(read(folder, 'src/domains/index.ts')).toContain('customers: customersRoutes,');
});

test('what is neither the old nor the new is left alone, and named', async () => {
  const folder = await interruptedProject();
  write(folder, 'src/domains/index.ts', 'mine meanwhile\n');
  const { exitCode, stderr } = await cli(['update'], { cwd: folder, program: 'shipkit' });
  expect(exitCode).toBe(3);
  expect(stderr).toContain('src/domains/index.ts is neither what it was nor what it was to become');
});

/** A project in which a command was killed when it had begun to write; now and then that needs another try. */
async function interruptedProject(): Promise<string> {
  for (let tries = 0; tries < 20; tries++) {
    const folder = join(temporaryFolder('odd'), 'shop');
    await run(['create', 'shop', '--yes', '--no-install', '--no-git'], join(folder, '..'));
    const child = shipkit(['add-domain', 'customers', ...fields], folder);
    await Promise.race([appears(join(folder, '.shipkit', 'txn'), 'journal.json'), child]);
    child.kill('SIGKILL');
    await child;
    if (existsSync(join(folder, '.shipkit', 'txn', 'journal.json'))) return folder;
  }
  throw new Error('No command could be killed while it wrote.');
}

/** At some time of the run; every other time when the writing has begun. */
async function moment(folder: string, index: number, delay: number): Promise<void> {
  if (index % 2 === 0) return after(delay);
  await appears(join(folder, '.shipkit'), 'txn');
  return after(delay / 4);
}

function appears(folder: string, name: string): Promise<void> {
  return new Promise((resolve) => {
    if (!existsSync(folder)) {
      void appears(join(folder, '..'), folder.split('/').at(-1) ?? '').then(() =>
        resolve(appears(folder, name)),
      );
      return;
    }
    const watcher = watch(folder, (_, changed) => {
      if (changed !== name) return;
      watcher.close();
      resolve();
    });
  });
}

async function run(args: readonly string[], cwd: string): Promise<void> {
  const { exitCode, stderr } = await shipkit(args, cwd);
  if (exitCode !== 0) throw new Error(stderr);
}

function shipkit(args: readonly string[], cwd: string) {
  const script = join(builtPackage(), 'bin', 'shipkit.js');
  return execa(process.execPath, [script, ...args], {
    cwd,
    env: strangersEnvironment(cwd),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
  });
}

/** The minimal standard generator of Park and Miller: small, and the same on every machine. */
function randomFrom(start_: number): () => number {
  let state = (start_ % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
