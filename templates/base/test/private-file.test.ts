import { chmod, chown, readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  createPrivateFile,
  readPrivateFile,
  removeDrafts,
  writePrivateFile,
} from '#app/platform/private-file.ts';
import { temporaryFolder } from './support/folder.ts';

let path = '';

beforeEach(async () => {
  path = join(await temporaryFolder(), 'secrets', 'key');
});

test('a file that is not there is no error', async () => {
  expect(await readPrivateFile(path)).toBeUndefined();
});

test('of twenty that make it at once, one does, and nothing is left beside it', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
  const made = await Promise.all(texts.map((text) => createPrivateFile(path, text)));
  expect(made.filter(Boolean)).toHaveLength(1);
  expect(await readPrivateFile(path)).toBe(texts[made.indexOf(true)]);
  expect(await readdir(dirname(path))).toEqual(['key']);
});

test('one that is there stays, also for those whose draft is removed as one that was left', async () => {
  await createPrivateFile(path, 'first');
  const making = Promise.all(
    Array.from({ length: 50 }, (_, index) => createPrivateFile(path, `text ${index}`)),
  );
  for (let round = 0; round < 50; round += 1) await removeDrafts(path);
  expect((await making).some(Boolean)).toBe(false);
  expect(await readPrivateFile(path)).toBe('first');
});

test('who reads while it is replaced gets a whole text', async () => {
  const texts = ['a', 'b'].map((letter) => letter.repeat(200_000));
  await createPrivateFile(path, texts[0] ?? '');
  const writing = Promise.all(
    Array.from({ length: 20 }, (_, index) => writePrivateFile(path, texts[index % 2] ?? '')),
  );
  for (let index = 0; index < 50; index += 1) {
    expect(texts).toContain(await readFile(path, 'utf8'));
  }
  await writing;
  expect(await readdir(dirname(path))).toEqual(['key']);
});

describe.skipIf(process.platform === 'win32')('where files have owners', () => {
  test('it is for its owner alone, however it is written', async () => {
    await createPrivateFile(path, 'a');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    await writePrivateFile(path, 'b');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  test.for([0o640, 0o604])('one that others can read (%o) is refused', async (mode) => {
    await createPrivateFile(path, 'a');
    await chmod(path, mode);
    await expect(readPrivateFile(path)).rejects.toThrow(`chmod 600 ${path}`);
  });

  test.runIf(process.getuid?.() === 0)(
    'root can replace it, and its owner still reads',
    async () => {
      await createPrivateFile(path, 'a');
      await chown(path, 1234, 1234);
      await writePrivateFile(path, 'b');
      expect(await stat(path)).toMatchObject({ uid: 1234, gid: 1234 });
    },
  );
});
