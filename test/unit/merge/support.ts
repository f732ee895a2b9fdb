import type { Change, Disk, DiskFile, Given, GivenFile } from '../../../src/merge/change.ts';
import { mergeTrees, type MergeInput, type MergeResult } from '../../../src/merge/merge.ts';

export type Files = Readonly<Record<string, string | readonly [content: string, mode: number]>>;

/** What the generator gives. */
export function given(files: Files): Given {
  return new Map(Object.entries(files).map(([path, file]) => [path, plain(file)]));
}

/** A disk with these files. */
export function diskOf(files: Files): Map<string, DiskFile> {
  return new Map(
    Object.entries(files).map(([path, file]) => {
      const { content, mode } = plain(file);
      return [path, { content: Buffer.from(content), mode }];
    }),
  );
}

export interface Trees {
  readonly base: Files;
  readonly theirs: Files;
  readonly disk: Files;
}

/** Merges three trees of plain texts. */
export async function merge(
  { base, theirs, disk }: Trees,
  options: Partial<MergeInput> = {},
): Promise<MergeResult> {
  const standing = diskOf(disk);
  const noText = () => Promise.reject(new Error('A text merge was asked for.'));
  return mergeTrees({
    base: given(base),
    theirs: given(theirs),
    disk: (path) => standing.get(path),
    mergeText: noText,
    ...options,
  });
}

/** The disk after the changes. */
export function applied(disk: Map<string, DiskFile>, changes: readonly Change[]) {
  const result = new Map(disk);
  for (const { path, before, after } of changes) {
    if (after === undefined) result.delete(path);
    else result.set(path, { content: after.content, mode: after.mode ?? before?.mode ?? 0o644 });
  }
  return result;
}

/** What a disk has, to compare. */
export function contents(disk: ReadonlyMap<string, DiskFile | GivenFile>) {
  return Object.fromEntries(
    [...disk]
      .map(([path, { content, mode }]) => [path, [Buffer.from(content).toString(), mode]] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))),
  );
}

/** A disk that is read from a map. */
export function readerOf(disk: ReadonlyMap<string, DiskFile>): Disk {
  return (path) => disk.get(path);
}

function plain(file: string | readonly [content: string, mode: number]) {
  if (typeof file === 'string') return { content: file, mode: 0o644 };
  const [content, mode] = file;
  return { content, mode };
}

const oneLine = '{ auth: authRoutes, customers: customersRoutes };';

/** The list of domains auth and customers, its object as an owner may have laid it out anew. */
export const layouts: readonly { name: string; laidOut: (text: string) => string }[] = [
  { name: 'one line', laidOut: withObject(`export const domains = ${oneLine}`) },
  {
    name: 'an object of another name',
    laidOut: withObject(`const all = ${oneLine}\nexport const domains = all;`),
  },
  {
    name: 'typed, with other keys',
    laidOut: withObject(
      'export const domains: Record<string, unknown> = {\n  login: authRoutes,\n  clients: customersRoutes,\n} as const;',
    ),
  },
];

function withObject(object: string): (text: string) => string {
  return (text) => text.replace(/export const domains = \{[^}]*\};/, () => object);
}
