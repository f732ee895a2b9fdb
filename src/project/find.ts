import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod/mini';
import { projectAnswersSchema, type ProjectAnswers } from '../catalog/answers.ts';
import { isObject, parseJson } from '../render/json.ts';
import { basePath, manifestPath } from '../render/manifest.ts';
import { precondition, type Problem } from '../problem.ts';
import { ifThere } from './fs-problem.ts';
import { hasMarkers } from './sides.ts';
import { isNewer, isVersion } from './version.ts';

export interface Manifest {
  readonly version: string;
  /** The id of the templates that made it. */
  readonly templates?: string | undefined;
  /** sha256 of what lies in .shipkit/base.br. */
  readonly base?: string | undefined;
  readonly answers: ProjectAnswers;
  readonly features: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  readonly once: Readonly<Record<string, string>>;
}

export interface Project {
  readonly folder: string;
  readonly manifest: Manifest;
}

const digest = z.string().check(z.regex(/^[0-9a-f]{64}$/));

// One check of the whole: a schema for each of a thousand files takes its time.
const fingerprints = z.custom<Readonly<Record<string, string>>>(areFingerprints);

const versionSchema = z.string().check(z.refine(isVersion));

const manifestSchema = z.strictObject({
  generator: z.literal('create-shipkit'),
  version: versionSchema,
  templates: z.optional(digest),
  base: z.optional(digest),
  answers: projectAnswersSchema,
  features: z.array(z.string()),
  files: fingerprints,
  once: fingerprints,
});

/**
 * The project that `cwd` lies in.
 *
 * @param version the running generator's
 * @throws Problem (exit code 3) when there is none, or it is damaged, or a newer version made it
 */
export function findProject(cwd: string, version: string): Project {
  const folder = findFolder(cwd);
  return { folder, manifest: parseManifest(readManifest(folder) ?? '', folder, version) };
}

/**
 * The folder of the project that `cwd` lies in.
 *
 * @throws Problem (exit code 3) when there is none
 */
export function findFolder(cwd: string): string {
  const folder = projectAround(cwd);
  if (folder !== undefined) return folder;
  throw precondition(
    `${path.resolve(cwd)} is not in a project made by create-shipkit: change to one, or name it with --cwd.`,
    'not-a-project',
  );
}

/** The nearest folder upwards that is a project, damaged or not; undefined when there is none. */
export function projectAround(cwd: string): string | undefined {
  for (let folder = path.resolve(cwd); ; folder = path.dirname(folder)) {
    if (readManifest(folder) !== undefined) return folder;
    if (existsSync(path.join(folder, basePath))) return folder;
    if (folder === path.dirname(folder)) return undefined;
  }
}

/** The text of a project's manifest; undefined where there is none. */
export function readManifest(folder: string): string | undefined {
  const reading = () => readFileSync(path.join(folder, manifestPath), 'utf8');
  return ifThere(folder, reading, ['ENOENT', 'ENOTDIR', 'EISDIR']);
}

/**
 * The manifest of a project.
 *
 * @param version the running generator's
 * @throws Problem (exit code 3) when it is damaged, or a newer version made it
 */
export function parseManifest(text: string, folder: string, version: string): Manifest {
  const json = parseJson(text);
  const made = z.looseObject({ version: versionSchema }).safeParse(json);
  if (made.success && isNewer(made.data.version, version)) {
    throw precondition(
      `This project was made by version ${made.data.version}, and this is ${version}: give the command to npx create-shipkit@${made.data.version}.`,
      'newer-version',
    );
  }
  const manifest = manifestSchema.safeParse(json);
  if (manifest.success) return manifest.data;
  if (!hasMarkers(text)) throw damagedManifest(folder, manifest.error.issues[0]?.path.join('.'));
  throw precondition(
    `${path.join(folder, manifestPath)} is damaged by a merge that is not resolved: run shipkit doctor --fix.`,
    'manifest-damaged',
  );
}

/** @param where what in it, as far as that is known */
export function damagedManifest(folder: string, where = ''): Problem {
  return precondition(
    `${path.join(folder, manifestPath)} is missing or damaged${where === '' ? '' : ` (at ${where})`}: let it be made anew by shipkit doctor --fix, or restore it with git restore ${manifestPath}.`,
    'manifest-damaged',
  );
}

function areFingerprints(value: unknown): boolean {
  if (!isObject(value)) return false;
  return Object.values(value).every(
    (sha256) => typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256),
  );
}
