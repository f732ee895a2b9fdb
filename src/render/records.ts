import {
  baseOf,
  basePath,
  fingerprintsOf,
  type Known,
  manifestOf,
  manifestPath,
  type Origin,
  packBase,
} from './manifest.ts';
import type { Tree } from './tree.ts';

/** Where the records of a project lie. */
export const recordPaths = [basePath, manifestPath] as const;

export interface RecordsInput extends Origin {
  readonly features: readonly string[];
  /** Fingerprints of files that were the same before. */
  readonly known?: Known | undefined;
}

/** What later commands know a project by: the base of a merge, and the manifest. */
export function recordsOf(tree: Tree, about: RecordsInput): Tree {
  const base = baseOf(tree, about);
  return records(
    base,
    manifestOf(tree, { ...about, base, prints: fingerprintsOf(tree, about.known) }),
  );
}

/** The same, for whom has something else to do while another thread compresses the base. */
export async function packRecords(tree: Tree, about: RecordsInput): Promise<Tree> {
  const packing = packBase(tree, about);
  const prints = fingerprintsOf(tree, about.known);
  const base = await packing;
  return records(base, manifestOf(tree, { ...about, base, prints }));
}

function records(base: Uint8Array, manifest: string): Tree {
  return new Map([
    [basePath, { content: base, mode: 0o644 }],
    [manifestPath, { content: manifest, mode: 0o644 }],
  ]);
}
