import {
  chmodSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type DurableFiles, durableFiles } from '../../src/project/durable.ts';
import { applyChanges, recover } from '../../src/project/journal.ts';
import { changeOf, everythingIn } from './support/change-set.ts';
import { changes, eachStep, folderOf, small, tidy, versions } from './support/journal.ts';

const { old, whole } = small;

let project = '';

beforeEach(() => {
  project = folderOf(versions.before);
});

afterAll(tidy);

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

function logged(log: string[]): DurableFiles {
  return eachStep((name, args) => {
    const path = args.findLast((arg) => typeof arg === 'string') ?? '';
    log.push(`${name} ${path.split('/').at(-1) ?? ''}`);
  });
}
