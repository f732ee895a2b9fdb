import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { threeWay } from '../../../src/project/three-way.ts';

const merge = threeWay(new AbortController().signal);
const base = 'one\ntwo\nthree\nfour\nfive\n';

let temporary = '';

beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'shipkit-three-way-'));
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

describe('git merges', () => {
  test('what both sides changed in different places, and leaves no file behind', async () => {
    const [ours, theirs] = [base.replace('one', 'ONE'), base.replace('five\n', 'five\nsix')];
    expect(await merge(base, ours, theirs)).toEqual({
      text: 'ONE\ntwo\nthree\nfour\nfive\nsix',
      conflicts: [],
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('with markers where both changed the same, and says in which lines', async () => {
    const ours = base.replace('two', 'mine').replace('five', 'my five');
    const theirs = base.replace('two', 'new').replace('five', 'new five');
    const { text, conflicts } = await merge(base, ours, theirs);
    const lines = text.split('\n');
    expect(conflicts.map((line) => lines[line - 1])).toEqual(['<<<<<<< yours', '<<<<<<< yours']);
    expect(text).toContain('||||||| base\ntwo\n=======\nnew\n>>>>>>> shipkit\n');
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('more conflicts than an exit code can count', async () => {
    const lines = Array.from({ length: 900 }, (_, index) => `line ${index}`);
    const edited = (by: string) =>
      lines.map((line, index) => (index % 3 === 0 ? `${line} ${by}` : line)).join('\n');
    const { conflicts } = await merge(lines.join('\n'), edited('mine'), edited('new'));
    expect(conflicts).toHaveLength(300);
  });

  test('the same when a hook has set another repository', async () => {
    vi.stubEnv('GIT_DIR', '/nowhere');
    expect(await merge(base, base, base)).toEqual({ text: base, conflicts: [] });
  });
});

describe('what git cannot do', () => {
  test('git that is not installed is a sentence and exit code 3', async () => {
    vi.stubEnv('PATH', temporary);
    await expect(merge(base, 'a', 'b')).rejects.toMatchObject({ exitCode: 3, code: 'no-git' });
  });

  test('git that fails is no conflict', async () => {
    await expect(merge(base, 'a\0b', 'b\0c')).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining('binary'),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('git that is killed is no conflict', async () => {
    pretendGit('kill -9 $$');
    await expect(merge(base, 'a', 'b')).rejects.toMatchObject({ code: 'merge-failed' });
  });

  test('git that does not know zdiff3 is asked for diff3', async () => {
    pretendGit('case "$*" in *zdiff3*) echo "error: unknown option" >&2; exit 129;; esac');
    expect(await merge(base, 'a', 'b')).toEqual({ text: 'a', conflicts: [] });
  });

  test('an interrupt ends it', async () => {
    const controller = new AbortController();
    const merging = threeWay(controller.signal)(base, 'a', 'b');
    controller.abort(new Error('Cancelled.'));
    await expect(merging).rejects.toThrow('Cancelled.');
  });
});

function pretendGit(script: string): void {
  const bin = mkdtempSync(join(temporary, 'bin-'));
  writeFileSync(join(bin, 'git'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(bin, 'git'), 0o755);
  vi.stubEnv('PATH', `${bin}:${process.env['PATH']}`);
}
