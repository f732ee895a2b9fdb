import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { parseJson } from '../render/json.ts';
import { basePath, fingerprint } from '../render/manifest.ts';
import type { Tree } from '../render/tree.ts';
import { precondition } from '../problem.ts';
import { damagedManifest, type Manifest, type Project } from './find.ts';
import { codeOf, ifThere } from './fs-problem.ts';

/**
 * What the generator last gave this project, as it lies in `.shipkit/base.br`: the base of a merge.
 *
 * @param expected its fingerprint in the manifest: both must come from the same command
 * @throws Problem (exit code 3) when it is missing, damaged, or another than the manifest names
 */
export function readBase(folder: string, expected?: string): Tree {
  const bytes = ifThere(folder, () => readFileSync(path.join(folder, basePath)));
  const isOther = bytes !== undefined && expected !== undefined && fingerprint(bytes) !== expected;
  const tree = isOther ? undefined : treeIn(bytes);
  if (tree !== undefined) return tree;
  throw precondition(
    `${path.join(folder, basePath)} is missing, or not what the manifest names: restore both with git restore .shipkit, or let them be made anew by shipkit doctor --fix.`,
    'base-damaged',
  );
}

/**
 * The same for a manifest, which has to speak of what lies there.
 *
 * @throws Problem (exit code 3) also when the manifest names other files, domains or features
 */
export function readBaseOf({ folder, manifest }: Project): Tree {
  const base = readBase(folder, manifest.base);
  const odd = contradiction(manifest, base);
  if (odd !== undefined) throw damagedManifest(folder, odd);
  return base;
}

/** What a manifest that somebody edited says, and its base does not. */
function contradiction({ answers, features, files }: Manifest, base: Tree): string | undefined {
  const isGiven = (file: string) => base.has(file);
  const names = Object.keys(files);
  if (names.length !== base.size || !names.every(isGiven)) return 'files';
  const models = answers.domains.map(({ name }) => `src/domains/${name}/models.ts`);
  if (!models.every(isGiven)) return 'answers.domains';
  return answers.features.every((name) => features.includes(name)) ? undefined : 'answers.features';
}

/** The tree as `baseOf` has packed it; undefined where it is something else. */
function treeIn(bytes: Uint8Array | undefined): Tree | undefined {
  const text = bytes && unpacked(bytes);
  const end = text?.indexOf('\n') ?? -1;
  if (text === undefined || end === -1) return undefined;
  const index = parseJson(text.slice(0, end));
  if (!isIndex(index)) return undefined;
  const tree: Tree = new Map();
  let from = end + 1;
  for (const [file, mode, length] of index) {
    tree.set(file, { content: text.slice(from, from + length), mode });
    from += length;
  }
  return from === text.length ? tree : undefined;
}

// By hand: a schema for each of a thousand files takes its time.
function isIndex(value: unknown): value is [path: string, mode: number, length: number][] {
  return (
    Array.isArray(value) &&
    value.every(
      (entry) =>
        Array.isArray(entry) &&
        typeof entry[0] === 'string' &&
        Number.isInteger(entry[1]) &&
        Number.isInteger(entry[2]) &&
        entry[2] >= 0,
    )
  );
}

function unpacked(bytes: Uint8Array): string | undefined {
  try {
    return brotliDecompressSync(bytes).toString('utf8');
  } catch (error) {
    const code = codeOf(error) ?? '';
    if (code.startsWith('ERR_') || code.startsWith('Z_')) return undefined;
    throw error;
  }
}
