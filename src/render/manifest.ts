import { createHash } from 'node:crypto';
import { brotliCompressSync, constants } from 'node:zlib';
import type { ProjectAnswers } from '../catalog/answers.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { formatJson, type JsonObject } from './json.ts';
import type { Entry, Tree } from './tree.ts';

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
  /** The packed base of a later merge. */
  readonly base: Uint8Array;
  /** Fingerprints of files that were the same before. */
  readonly known?: Known | undefined;
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
  const { version, answers, features, templates, base, known } = about;
  const entries = [...tree].map(([path, { content, once }]) => {
    const same = known?.tree.get(path)?.content === content;
    const sha256 = (same ? known.files[path] : undefined) ?? fingerprint(content);
    return { path, sha256, once: once === true };
  });
  const pick = (once: boolean) =>
    Object.fromEntries(
      entries.filter((entry) => entry.once === once).map(({ path, sha256 }) => [path, sha256]),
    );
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

function asJson({ name, fields, admin }: Domain): JsonObject {
  return { name, fields: fields.map((field) => ({ ...field })), ...(admin === true && { admin }) };
}

/**
 * The base of a later merge: every file that may be rendered again, compressed. A line of JSON says
 * what it was made from and what there is, each file's path, mode and length in UTF-16 code units,
 * and their texts follow as they are: escaping them, and taking that away again, would be most of the
 * work of a command.
 */
export function baseOf(tree: Tree, { version, templates, answers }: Origin): Uint8Array {
  const files: [path: string, mode: number, length: number][] = [];
  const texts: string[] = [];
  for (const [path, { content, mode, once }] of tree) {
    if (once === true) continue;
    const text = textOf(path, content);
    files.push([path, mode, text.length]);
    texts.push(text);
  }
  const head = JSON.stringify({ version, templates, answers, files });
  const bytes = Buffer.from(`${head}\n${texts.join('')}`);
  // Quality 1 takes a fifth of the time of 5, for a fifth more bytes.
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

/** sha256 in hex; of text, with its line endings as LF, so that a checkout does not change it. */
export function fingerprint(content: string | Uint8Array): string {
  const bytes = typeof content === 'string' ? content.replaceAll('\r\n', '\n') : content;
  return createHash('sha256').update(bytes).digest('hex');
}

function textOf(path: string, content: string | Uint8Array): string {
  if (typeof content === 'string') return content;
  throw new TypeError(`${path} is not text: only text can be merged.`);
}
