import { isAscii } from 'node:buffer';
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, brotliCompressSync, type BrotliOptions, constants } from 'node:zlib';
import type { ProjectAnswers } from '../catalog/answers.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { formatJson, type JsonObject } from './json.ts';
import { type Entry, textOf, type Tree } from './tree.ts';

export const manifestPath = '.shipkit/manifest.json';
export const basePath = '.shipkit/base.br';

/** What a project was made from: enough to make its manifest and its base anew. */
export interface Origin {
  readonly version: string;
  /** The id of the templates that made it. */
  readonly templates?: string | undefined;
  readonly answers: ProjectAnswers;
}

export interface ManifestInput extends Origin {
  readonly features: readonly string[];
  /** The fingerprint of each file. */
  readonly prints: ReadonlyMap<string, string>;
  /** The packed base of a later merge. */
  readonly base: Uint8Array;
}

/** Files as they were, and their fingerprints, which need not be taken again. */
export interface Known {
  readonly tree: ReadonlyMap<string, Entry>;
  readonly files: Readonly<Record<string, string>>;
}

/**
 * What tells an untouched file from an edited one: the sha256 of each file as rendered, and apart
 * those that were written once and belong to the owner. One entry a line, no times.
 */
export function manifestOf(tree: Tree, about: ManifestInput): string {
  const { version, answers, features, templates, prints, base } = about;
  const pick = (once: boolean) =>
    Object.fromEntries([...prints].filter(([path]) => (tree.get(path)?.once === true) === once));
  return formatJson({
    generator: 'create-shipkit',
    version,
    templates,
    base: fingerprint(base),
    answers: { ...answers, domains: answers.domains.map(asJson) },
    features,
    files: pick(false),
    once: pick(true),
  });
}

/** The fingerprint of each file. */
export function fingerprintsOf(tree: Tree, known?: Known): Map<string, string> {
  return new Map(
    [...tree].map(([path, { content }]) => {
      const same = known?.tree.get(path)?.content === content;
      return [path, (same ? known.files[path] : undefined) ?? fingerprint(content)];
    }),
  );
}

function asJson({ name, fields, admin }: Domain): JsonObject {
  return { name, fields: fields.map((field) => ({ ...field })), ...(admin === true && { admin }) };
}

/**
 * The base of a later merge: every file that may be rendered again, compressed. A line of JSON says
 * what it was made from and what there is, each file's path, mode and length in UTF-16 code units,
 * and their texts follow as they are: escaping them, and taking that away again, would be most of the
 * work of a command.
 */
export function baseOf(tree: Tree, origin: Origin): Uint8Array {
  const bytes = bytesOf(tree, origin);
  return brotliCompressSync(bytes, packingOf(bytes));
}

/** The same, compressed by another thread. */
export async function packBase(tree: Tree, origin: Origin): Promise<Uint8Array> {
  const bytes = bytesOf(tree, origin);
  return promisify(brotliCompress)(bytes, packingOf(bytes));
}

function packingOf({ length }: Uint8Array): BrotliOptions {
  // Quality 1 takes a fifth of the time of 5, for a fifth more bytes. In one go: else the other thread
  // would wait for this one after each bit of the output.
  return { params: { [constants.BROTLI_PARAM_QUALITY]: 1 }, chunkSize: Math.max(length, 1024) };
}

function bytesOf(tree: Tree, { version, templates, answers }: Origin): Uint8Array {
  const files: [path: string, mode: number, length: number][] = [];
  const texts: Uint8Array[] = [];
  for (const [path, { content, mode, once }] of tree) {
    if (once === true) continue;
    files.push([path, mode, lengthOf(content)]);
    texts.push(typeof content === 'string' ? Buffer.from(content) : content);
  }
  const head = JSON.stringify({ version, templates, answers, files });
  return Buffer.concat([Buffer.from(`${head}\n`), ...texts]);
}

/** In UTF-16 code units. */
function lengthOf(content: string | Uint8Array): number {
  const isPlain = typeof content === 'string' || isAscii(content);
  return isPlain ? content.length : textOf(content).length;
}

/** sha256 in hex; of text, with its line endings as LF, so that a checkout does not change it. */
export function fingerprint(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? content.replaceAll('\r\n', '\n') : content;
  return hash('sha256', bytes);
}
