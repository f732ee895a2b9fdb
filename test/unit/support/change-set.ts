import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Change } from '../../../src/merge/change.ts';

/** A project's files: their texts by path. */
export type Texts = Readonly<Record<string, string>>;

export interface Versions {
  readonly before: Texts;
  readonly after: Texts;
}

/** What makes one version of a project the other. */
export function changesFrom({ before, after }: Versions): Change[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return paths
    .filter((file) => before[file] !== after[file])
    .map((file) => changeOf(file, before[file], after[file]));
}

/** A change of one file, with no mode of its own. */
export function changeOf(
  file: string,
  before: string | undefined,
  after: string | undefined,
): Change {
  return {
    path: file,
    kind: 'replace',
    reason: `${file} changes.`,
    before: before === undefined ? undefined : { content: Buffer.from(before), mode: 0o644 },
    after: after === undefined ? undefined : { content: Buffer.from(after) },
  };
}

/** Two versions of a project: `size` files edited, a third of that new, and as many gone. */
export function versionsOf(size: number): Versions {
  const edited = numbered(size);
  const others = numbered(Math.ceil(size / 3));
  const shared = [['README.md', 'the same\n']];
  return {
    before: Object.fromEntries([
      ...edited.map((n) => [`src/edited-${n}.ts`, `old ${n}\n`.repeat(100 * n)]),
      ...others.map((n) => [`src/gone/deep/${n}.ts`, `gone ${n}\n`]),
      ['.shipkit/manifest.json', 'old\n'],
      ...shared,
    ]),
    after: Object.fromEntries([
      ...edited.map((n) => [`src/edited-${n}.ts`, `new ${n}\n`.repeat(90 * n)]),
      ...others.map((n) => [`src/new/deep/${n}.ts`, `new ${n}\n`]),
      ['.shipkit/manifest.json', 'new\n'],
      ...shared,
    ]),
  };
}

/** Writes the files into a folder. */
export function writeTexts(
  folder: string,
  texts: Readonly<Record<string, string | Uint8Array>>,
): void {
  for (const [file, text] of Object.entries(texts)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
}

/** Everything below a folder: texts by path, and folders, which end in a slash. */
export function everythingIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    names.map((name) => {
      const full = path.join(folder, name);
      return statSync(full).isDirectory() ? [`${name}/`, ''] : [name, readFileSync(full, 'utf8')];
    }),
  );
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}
