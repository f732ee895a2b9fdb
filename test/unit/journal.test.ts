import { spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DurableFiles, durableFiles } from '../../src/project/durable.ts';
import { applyChanges, recover } from '../../src/project/journal.ts';
import { countOf, seed } from '../../scripts/lib/counts.ts';
import {
  changeOf,
  changesFrom,
  everythingIn,
  type Texts,
  type Versions,
  versionsOf,
  writeTexts,
} from './support/change-set.ts';

const versions = versionsOf(6);
const changes = changesFrom(versions);
const temporary = realpathSync(mkdtempSync(join(tmpdir(), 'shipkit-journal-')));
const small = listingsOf(versions);
const { old, whole } = small;

let project = '';

beforeEach(() => {
  project = folderOf(versions.before);
});

afterAll(() => {
  rmSync(temporary, { recursive: true });
});

describe('a change set', () => {
  test('is made whole: files edited, new and deleted, emptied folders gone', async () => {
    await applyChanges(project, changes);
    expect(everythingIn(project)).toEqual(whole);
    expect(await recover(project)).toEqual({ state: 'nothing', sentence: '' });
  });

  test('that is empty changes nothing', async () => {
    await applyChanges(project, []);
    expect(everythingIn(project)).toEqual(old);
  });

  test('keeps the permissions of what it replaces, and sets those that it names', async () => {
    for (const name of ['kept', 'set', 'only']) writeFileSync(join(project, name), '1');
    chmodSync(join(project, 'kept'), 0o777);
    const [mode, once] = [0o751, changeOf('only', '1', '1')];
    await applyChanges(project, [
      changeOf('kept', '1', '2'),
      { ...changeOf('set', '1', '2'), after: { content: Buffer.from('2'), mode } },
      { ...once, after: { content: Buffer.from('1'), mode } },
      { ...changeOf('new', undefined, '1'), after: { content: Buffer.from('1'), mode: 0o700 } },
    ]);
    const modes = ['kept', 'set', 'only', 'new'].map((name) => statSync(join(project, name)).mode);
    expect(modes.map((it) => it & 0o777)).toEqual([0o777, 0o751, 0o751, 0o700]);
  });

  test('keeps folders that still have something in them', async () => {
    writeFileSync(join(project, 'src/gone/mine.ts'), '');
    await applyChanges(project, changes);
    expect(everythingIn(project)).toEqual({ ...whole, 'src/gone/': '', 'src/gone/mine.ts': '' });
  });
});

describe('nothing is written', () => {
  test.each([
    [
      'edited',
      changeOf('README.md', 'the same\n', 'new'),
      (file: string) => writeFileSync(file, '!'),
    ],
    ['removed', changeOf('README.md', 'the same\n', undefined), (file: string) => rmSync(file)],
    ['made', changeOf('mine.ts', undefined, 'new'), (file: string) => writeFileSync(file, '!')],
  ])('when a file was %s while the command ran', async (_, change, edit) => {
    edit(join(project, change.path));
    const standing = everythingIn(project);
    const applying = applyChanges(project, [...changes, change]);
    await expect(applying).rejects.toMatchObject({ exitCode: 3, code: 'edited-meanwhile' });
    expect(everythingIn(project)).toEqual(standing);
  });

  test('when a file is edited at the last moment, before the command has the project', async () => {
    const late: DurableFiles = {
      ...durableFiles,
      claimFolder: (folder) => {
        writeFileSync(join(project, 'README.md'), 'mine');
        return durableFiles.claimFolder(folder);
      },
    };
    const all = [...changes, changeOf('README.md', 'the same\n', 'new')];
    const applying = applyChanges(project, all, late);
    await expect(applying).rejects.toMatchObject({ exitCode: 3, code: 'edited-meanwhile' });
    expect(everythingIn(project)).toEqual({ ...old, 'README.md': 'mine' });
  });

  test.each([
    '../out',
    '/out',
    'a/../../out',
    'a\\..\\out',
    'c:out',
    '.',
    '',
    'a//b',
    'a/',
    './a',
    'a\0',
  ])('outside of the project: %j', async (path) => {
    const applying = applyChanges(project, [changeOf(path, undefined, 'new')]);
    await expect(applying).rejects.toMatchObject({ exitCode: 3, code: 'leads-out' });
    expect(everythingIn(project)).toEqual(old);
  });

  test.each(['link/new', 'link/deep/new', 'link/there', 'file'])(
    'through a link that leads out: %s',
    async (path) => {
      const outside = folderOf({ there: '1' });
      symlinkSync(outside, join(project, 'link'));
      symlinkSync(join(outside, 'there'), join(project, 'file'));
      const before = path.endsWith('new') ? undefined : '1';
      const applying = applyChanges(project, [changeOf(path, before, '2')]);
      await expect(applying).rejects.toMatchObject({ exitCode: 3, code: 'leads-out' });
      expect(everythingIn(outside)).toEqual({ there: '1' });
    },
  );

  test.each([
    ['where a folder stands', 'src', 'not-a-file'],
    ['below a file', 'README.md/new', 'no-folder'],
    ['through a broken link', 'broken/new', 'broken-link'],
    ['through links in a circle', 'circle/new', 'path-loops'],
    ['twice into one file', 'alias', 'same-file'],
  ])('%s', async (_, path, code) => {
    symlinkSync('nowhere', join(project, 'broken'));
    symlinkSync('circle', join(project, 'circle'));
    symlinkSync('README.md', join(project, 'alias'));
    const readme = changeOf('README.md', 'the same\n', 'new');
    const before = path === 'alias' ? 'the same\n' : undefined;
    const applying = applyChanges(project, [readme, changeOf(path, before, 'new')]);
    await expect(applying).rejects.toMatchObject({ exitCode: 3, code });
    expect(readFileSync(join(project, 'README.md'), 'utf8')).toBe('the same\n');
  });

  test('while another command is writing, and what that one has prepared stays', async () => {
    mkdirSync(join(project, '.shipkit/txn'), { recursive: true });
    writeFileSync(join(project, '.shipkit/txn/owner'), `${process.ppid}\n`);
    const standing = everythingIn(project);
    await expect(applyChanges(project, changes)).rejects.toMatchObject({ code: 'busy' });
    await expect(recover(project)).rejects.toMatchObject({ exitCode: 3, code: 'busy' });
    expect(everythingIn(project)).toEqual(standing);
  });

  test('when the disk is full, and what had been prepared is gone', async () => {
    let writes = 0;
    const full: DurableFiles = {
      ...durableFiles,
      write: (...args) => {
        writes += 1;
        if (writes === 5) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
        durableFiles.write(...args);
      },
    };
    const applying = applyChanges(project, changes, full);
    await expect(applying).rejects.toMatchObject({ exitCode: 1, code: 'disk-full' });
    expect(everythingIn(project)).toEqual(old);
  });
});

test('a link inside the project is written through, and stays a link', async () => {
  symlinkSync('README.md', join(project, 'AGENTS.md'));
  await applyChanges(project, [changeOf('AGENTS.md', 'the same\n', 'new\n')]);
  expect(readFileSync(join(project, 'README.md'), 'utf8')).toBe('new\n');
  expect(realpathSync(join(project, 'AGENTS.md'))).toBe(realpathSync(join(project, 'README.md')));
});

test('contents are on the disk before the journal, and the journal before the first change', async () => {
  const log: string[] = [];
  await applyChanges(project, changes, logged(log));
  const journal = log.findIndex((line) => line.endsWith('journal.json'));
  const lastContent = log.findLastIndex((line) => /^write .*\d$/.test(line));
  const synced = log.indexOf('syncFolder txn', journal);
  const firstChange = log.findIndex((line) => /^(rename|remove) .*\.ts$/.test(line));
  const lastSync = log.lastIndexOf('syncFolder src');
  const journalGone = log.indexOf('remove journal.json');
  const moments = [lastContent, journal, synced, firstChange, lastSync, journalGone];
  expect(moments).not.toContain(-1);
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
});

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

function logged(log: string[]): DurableFiles {
  return eachStep((name, args) => {
    const path = args.findLast((arg) => typeof arg === 'string') ?? '';
    log.push(`${name} ${path.split('/').at(-1) ?? ''}`);
  });
}

/** The real files, with something that happens before each step. */
function eachStep(before: (name: string, args: readonly unknown[]) => void): DurableFiles {
  const entries = Object.entries(durableFiles) as [string, (...args: unknown[]) => unknown][];
  const wrapped = entries.map(([name, step]) => [
    name,
    (...args: unknown[]) => {
      before(name, args);
      return step(...args);
    },
  ]);
  return Object.fromEntries(wrapped) as DurableFiles;
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

function folderOf(texts: Texts): string {
  const folder = mkdtempSync(join(temporary, 'folder-'));
  writeTexts(folder, texts);
  return folder;
}

/** What is in a project that is wholly old, or wholly new. */
function listingsOf({ before, after: later }: Versions) {
  return { old: everythingIn(folderOf(before)), whole: everythingIn(folderOf(later)) };
}

function versionIn(folder: string, listings = small): string {
  const everything = everythingIn(folder);
  if (isDeepStrictEqual(everything, listings.old)) return 'old';
  return isDeepStrictEqual(everything, listings.whole) ? 'new' : 'neither';
}

function journalOf(path: string): string {
  return JSON.stringify({ files: [{ path, before: null, after: null, mode: null }] });
}

/** The minimal standard generator of Park and Miller: small, and the same on every machine. */
function randomFrom(start: number): () => number {
  let state = (start % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
