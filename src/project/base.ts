import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';
import * as z from 'zod/mini';
import { projectAnswersSchema } from '../catalog/answers.ts';
import { isObject, type JsonObject, parseJson } from '../render/json.ts';
import { basePath, fingerprint, type Origin } from '../render/manifest.ts';
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
  return readPacked(folder, expected).tree;
}

/**
 * The same for a manifest, which has to speak of what lies there.
 *
 * @throws Problem (exit code 3) also when the manifest names other files or answers
 */
export function readBaseOf({ folder, manifest }: Project): Tree {
  const packed = readPacked(folder, manifest.base);
  refuseContradiction(folder, manifest, packed);
  return packed.tree;
}

/**
 * Sees to it that a manifest says what the base says, as far as that can be read.
 *
 * @throws Problem (exit code 3) when somebody edited the manifest by hand
 */
export function requireAgreement({ folder, manifest }: Project): void {
  const packed = unpack(folder, manifest.base);
  if (packed !== undefined) refuseContradiction(folder, manifest, packed);
}

const originSchema = z.object({
  version: z.string(),
  templates: z.optional(z.string()),
  answers: projectAnswersSchema,
});

/** What the project was made from, as its base tells it; undefined where that cannot be read. */
export function readOrigin(folder: string): Origin | undefined {
  const packed = unpack(folder);
  return packed && originSchema.safeParse(packed.head).data;
}

interface Packed {
  readonly head: JsonObject;
  readonly tree: Tree;
}

function readPacked(folder: string, expected: string | undefined): Packed {
  const packed = unpack(folder, expected);
  if (packed !== undefined) return packed;
  throw precondition(
    `${path.join(folder, basePath)} is missing, or not what the manifest names: let it be made anew by shipkit doctor --fix, or restore both with git restore .shipkit.`,
    'base-damaged',
  );
}

function refuseContradiction(folder: string, manifest: Manifest, packed: Packed): void {
  const odd = contradiction(manifest, packed);
  if (odd !== undefined) throw damagedManifest(folder, odd);
}

/** What a manifest that somebody edited says, and its base does not. */
function contradiction(manifest: Manifest, { head, tree }: Packed): string | undefined {
  const { answers, features, files } = manifest;
  const names = Object.keys(files);
  if (names.length !== tree.size || !names.every((file) => tree.has(file))) return 'files';
  const given: JsonObject = isObject(head['answers']) ? head['answers'] : {};
  const said: Readonly<Record<string, unknown>> = { ...answers };
  const odd = [...new Set([...Object.keys(said), ...Object.keys(given)])].find(
    (name) => !isDeepStrictEqual(said[name], given[name]),
  );
  if (odd !== undefined) return `answers.${odd}`;
  return answers.features.every((name) => features.includes(name)) ? undefined : 'features';
}

/** What `baseOf` has packed; undefined where there is nothing, or something else. */
function unpack(folder: string, expected?: string): Packed | undefined {
  const bytes = ifThere(folder, () => readFileSync(path.join(folder, basePath)));
  if (bytes === undefined) return undefined;
  if (expected !== undefined && fingerprint(bytes) !== expected) return undefined;
  const text = unpacked(bytes) ?? '';
  const end = text.indexOf('\n');
  const head = parseJson(text.slice(0, Math.max(end, 0)));
  if (!isObject(head) || !isIndex(head['files'])) return undefined;
  const tree: Tree = new Map();
  let from = end + 1;
  for (const [file, mode, length] of head['files']) {
    tree.set(file, { content: text.slice(from, from + length), mode });
    from += length;
  }
  return from === text.length ? { head, tree } : undefined;
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
