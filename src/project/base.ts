import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { isObject } from '../render/json.ts';
import { basePath, fingerprint } from '../render/manifest.ts';
import type { Entry, Tree } from '../render/tree.ts';
import { precondition } from '../problem.ts';
import { codeOf, fsProblem } from './fs-problem.ts';

/**
 * What the generator last gave this project, as it lies in `.shipkit/base.br`: the base of a merge.
 *
 * @param expected its fingerprint in the manifest: both must come from the same command
 * @throws Problem (exit code 3) when it is missing, damaged, or another than the manifest names
 */
export function readBase(folder: string, expected?: string): Tree {
  const bytes = readBytes(folder);
  const isOther = bytes !== undefined && expected !== undefined && fingerprint(bytes) !== expected;
  const tree = isOther ? undefined : treeIn(bytes);
  if (tree !== undefined) return tree;
  throw precondition(
    `${path.join(folder, basePath)} is missing, or not what the manifest names: restore both with git restore .shipkit, or let them be made anew by shipkit doctor --fix.`,
    'base-damaged',
  );
}

function readBytes(folder: string): Uint8Array | undefined {
  try {
    return readFileSync(path.join(folder, basePath));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw fsProblem(error, folder) ?? error;
  }
}

function treeIn(bytes: Uint8Array | undefined): Tree | undefined {
  const files = bytes === undefined ? undefined : decoded(bytes);
  if (!isObject(files)) return undefined;
  const tree: Tree = new Map();
  for (const [file, entry] of Object.entries(files)) {
    if (!isEntry(entry)) return undefined;
    tree.set(file, entry);
  }
  return tree;
}

/** Damaged bytes are not brotli, or their text is not JSON. */
function decoded(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(brotliDecompressSync(bytes).toString('utf8'));
  } catch (error) {
    const isDamage = error instanceof SyntaxError || codeOf(error)?.startsWith('ERR_') === true;
    if (isDamage || codeOf(error)?.startsWith('Z_') === true) return undefined;
    throw error;
  }
}

function isEntry(value: unknown): value is Entry {
  return (
    isObject(value) && typeof value['content'] === 'string' && typeof value['mode'] === 'number'
  );
}
