// What is left of a change whose process was killed, and what the next command makes of it.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DurableFiles, durableFiles } from '../../src/project/durable.ts';
import { applyChanges, recover } from '../../src/project/journal.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { everythingIn, versionsOf } from './support/change-set.ts';
import {
  changes,
  eachStep,
  folderOf,
  listingsOf,
  temporary,
  tidy,
  versionIn,
  versions,
} from './support/journal.ts';

let project = '';

beforeEach(() => {
  project = folderOf(versions.before);
});

afterAll(tidy);

describe('a command that ends at any step', () => {
  test('leaves the old project or the new one, and the next command says which', async () => {
    const seen = await atEachStep((files) => applyChanges(project, changes, files));
    expect([...seen.keys()]).toEqual(['nothing old', 'undone old', 'finished new', 'nothing new']);
    expect(seen.get('undone old')).toBeGreaterThan(changes.length - 2);
    expect(seen.get('finished new')).toBeGreaterThan(changes.length);
  });

  test('while it finishes what another had begun leaves it to the next', async () => {
    const states = await atEachStep(async (files) => {
      await begun(project);
      await recover(project, files);
    });
    expect([...states.keys()]).toEqual(['finished new', 'nothing new']);
  });
});

describe('what an interrupted command left', () => {
  test('is not laid over a file that was edited since: it is named, and nothing changes', async () => {
    await begun(project);
    writeFileSync(join(project, 'src/edited-5.ts'), 'mine');
    const standing = everythingIn(project);
    await expect(recover(project)).rejects.toMatchObject({
      exitCode: 3,
      code: 'changed-meanwhile',
      message: expect.stringContaining('src/edited-5.ts is neither'),
    });
    expect(everythingIn(project)).toEqual(standing);
  });

  test.each([
    ['is no JSON', 'no'],
    ['has no list', '{}'],
    ['writes into itself', journalOf('.shipkit/txn/owner')],
  ])('is refused where its journal %s', async (_, text) => {
    mkdirSync(join(project, '.shipkit/txn'), { recursive: true });
    writeFileSync(join(project, '.shipkit/txn/journal.json'), text);
    await expect(recover(project)).rejects.toMatchObject({ exitCode: 3, code: 'journal-damaged' });
  });

  test('is nobody’s where the number of its process was cut off', async () => {
    mkdirSync(join(project, '.shipkit/txn'), { recursive: true });
    writeFileSync(join(project, '.shipkit/txn/owner'), String(process.ppid));
    expect(await recover(project)).toMatchObject({ state: 'undone' });
    expect(versionIn(project)).toBe('old');
  });

  test('cannot lead out of the project', async () => {
    mkdirSync(join(project, '.shipkit/txn'), { recursive: true });
    writeFileSync(join(project, '.shipkit/txn/journal.json'), journalOf('../out'));
    await expect(recover(project)).rejects.toMatchObject({ exitCode: 3, code: 'leads-out' });
  });
});

describe(`SIGKILL at random moments (SEED=${seed()})`, () => {
  const random = randomFrom(seed());
  const moments = Array.from({ length: 2 * countOf('KILLS') }, (_, index) => ({
    index,
    at: random(),
  }));
  const many = versionsOf(24);
  const listings = listingsOf(many);
  const changeSet = join(temporary, 'changes.json');
  let duration = 0;

  beforeAll(async () => {
    writeFileSync(changeSet, JSON.stringify(many));
    duration = (await applyInChild(folderOf(many.before), changeSet)).took ?? 0;
    expect(duration).toBeGreaterThan(0);
  });

  test.each(moments)('leave the old project or the new one, moment $index', async ({ at }) => {
    const folder = folderOf(many.before);
    const { took } = await applyInChild(folder, changeSet, at * duration);
    const { state } = await recover(folder);
    // With nothing left behind it had not begun, or was done.
    const may = { nothing: ['old', 'new'], undone: ['old'], finished: ['new'] };
    expect(took === undefined ? may[state] : ['new']).toContain(versionIn(folder, listings));
    expect(await recover(folder)).toEqual({ state: 'nothing', sentence: '' });
  });
});

/**
 * Lets `work` end before its first step, its second, and so on, until it gets through, and then
 * recovers.
 *
 * @returns how often recovery said what, and what the project was then
 */
async function atEachStep(
  work: (files: DurableFiles) => Promise<unknown>,
): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  for (let step = 0, done = false; !done; step += 1) {
    project = folderOf(versions.before);
    done = await work(endingAt(step)).then(
      () => true,
      () => false,
    );
    const { state, sentence } = await recover(project);
    expect(sentence === '').toBe(state === 'nothing');
    const result = `${state} ${versionIn(project)}`;
    seen.set(result, (seen.get(result) ?? 0) + 1);
  }
  return seen;
}

/** A process that is killed: from one step on nothing happens any more, and a write gets half-way. */
function endingAt(last: number): DurableFiles {
  let steps = -1;
  return eachStep((name, args) => {
    steps += 1;
    if (steps < last) return;
    const [file, content, permissions] = args as Parameters<DurableFiles['write']>;
    if (steps === last && name === 'write') {
      durableFiles.write(file, content.slice(0, content.length / 2), permissions);
    }
    throw new Error('Killed.');
  });
}

/** Leaves a project as a command does that is killed after its commit. */
async function begun(folder: string): Promise<void> {
  const dies: DurableFiles = {
    ...durableFiles,
    remove: () => {
      throw new Error('Killed.');
    },
  };
  await expect(applyChanges(folder, changes, dies)).rejects.toMatchObject({ code: 'unfinished' });
}

/** Runs the change in a process of its own, killed after a time; how long it took, if it got through. */
async function applyInChild(folder: string, file: string, killAfter?: number) {
  const script = fileURLToPath(new URL('support/apply-changes.ts', import.meta.url));
  const child = spawn(process.execPath, [script, folder, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const closed = new Promise((resolve) => {
    child.once('close', resolve);
  });
  let output = '';
  const begins = new Promise<void>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      resolve();
    });
  });
  await Promise.race([begins, closed]);
  if (killAfter !== undefined) {
    await Promise.race([after(killAfter), closed]);
    child.kill('SIGKILL');
  }
  await closed;
  const took = /^begin\n([\d.]+)\n$/.exec(output)?.[1];
  return { took: took === undefined ? undefined : Number(took) };
}

function journalOf(path: string): string {
  return JSON.stringify({ files: [{ path, before: null, after: null, mode: null }] });
}
