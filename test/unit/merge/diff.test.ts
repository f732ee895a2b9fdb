import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../../src/merge/change.ts';
import { unifiedDiff } from '../../../src/merge/diff.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';
import { writeTexts } from '../support/change-set.ts';

const whole = { binary: true };
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a diff', () => {
  test('shows what changes in a file, with three lines around', () => {
    const five = change('a/b.ts', '1\n2\n3\n4\n5\n', '1\n2\n3\n4\nfive\n');
    expect(unifiedDiff([five], whole)).toBe(
      'diff --git a/a/b.ts b/a/b.ts\n--- a/a/b.ts\n+++ b/a/b.ts\n@@ -2,4 +2,4 @@\n 2\n 3\n 4\n-5\n+five\n',
    );
  });

  test('shows new files, deleted ones, permissions, and what is no text', () => {
    const program = { content: bytes('#!\n'), mode: 0o755 };
    const changes = [
      { ...change('new', undefined, '#!\n'), after: program },
      change('gone', '1\n', undefined),
      { ...change('mode', '#!\n', '#!\n'), after: program },
      change('binary', '\0a', '\0b'),
      change('empty', undefined, ''),
    ];
    const shown = unifiedDiff(changes, { binary: false });
    expect(shown).toBe(
      `diff --git a/new b/new\nnew file mode 100755\n--- /dev/null\n+++ b/new\n@@ -0,0 +1,1 @@\n+#!\n` +
        `diff --git a/gone b/gone\ndeleted file mode 100644\n--- a/gone\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-1\n` +
        `diff --git a/mode b/mode\nold mode 100644\nnew mode 100755\n` +
        `diff --git a/binary b/binary\nBinary files a/binary and b/binary differ\n` +
        `diff --git a/empty b/empty\nnew file mode 100644\n`,
    );
  });

  test('says nothing of nothing', () => {
    expect(unifiedDiff([], whole)).toBe('');
  });
});

test(`git apply makes of a diff exactly what would be written (SEED=${seed()})`, () => {
  const line = fc.constantFrom('a\n', '\0', 'b\n', 'c\r\n', '\n', 'd', '-- x\n', '\uFEFF', '+\n');
  const text = fc.array(line, { maxLength: 12 }).map((lines) => lines.join(''));
  const path = fc.constantFrom('a.ts', 'src/b.ts', 'src/deep/c.ts', 'd');
  const files = fc.dictionary(path, text, { minKeys: 1, noNullPrototype: true });
  fc.assert(
    fc.property(files, files, fc.constantFrom(0o644, 0o755), (before, after, mode) => {
      const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
      const changes = paths.map((one) => changeTo(change(one, before[one], after[one]), mode));
      expect(gitApply(before, unifiedDiff(changes, whole))).toEqual(
        Object.fromEntries(Object.entries(after).map(([one, it]) => [one, [it, mode & 0o100]])),
      );
    }),
    { numRuns: Math.ceil(countOf('RUNS') / 4), seed: seed() },
  );
});

test(`and of bytes that are no text (SEED=${seed()})`, () => {
  const content = fc.uint8Array({ maxLength: 300 }).map((some) => Uint8Array.of(0, ...some));
  fc.assert(
    fc.property(content, fc.option(content, { nil: undefined }), (before, after) => {
      const of = (some: Uint8Array) => Buffer.from(some).toString('latin1');
      const one = {
        ...change('a', '', undefined),
        before: { content: before, mode: 0o644 },
        after: after && { content: after },
      };
      const made = gitApply({ a: before }, unifiedDiff([one], whole), 'latin1');
      expect(made).toEqual(after === undefined ? {} : { a: [of(after), 0] });
    }),
    { numRuns: Math.ceil(countOf('RUNS') / 4), seed: seed() },
  );
});

function changeTo(one: Change, mode: number): Change {
  return one.after === undefined ? one : { ...one, after: { content: one.after.content, mode } };
}

function change(path: string, before: string | undefined, after: string | undefined): Change {
  return {
    path,
    kind: 'replace',
    reason: `${path} changes.`,
    before: before === undefined ? undefined : { content: bytes(before), mode: 0o644 },
    after: after === undefined ? undefined : { content: bytes(after) },
  };
}

/** The files, and whether they can be run, after git has applied the diff. */
function gitApply(
  before: Record<string, string | Uint8Array>,
  diff: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
) {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-diff-'));
  try {
    writeTexts(folder, before);
    for (const path of Object.keys(before)) chmodSync(join(folder, path), 0o644);
    // Git takes an empty diff for a mistake.
    const args = ['apply', '--whitespace=nowarn'];
    if (diff !== '') execFileSync('git', args, { cwd: folder, input: diff });
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const found = names.filter((name) => statSync(join(folder, name)).isFile());
    return Object.fromEntries(
      found.map((name) => {
        const full = join(folder, name);
        return [name, [readFileSync(full, encoding), statSync(full).mode & 0o100]];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}
