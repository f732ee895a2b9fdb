import type { JsonObject } from '../render/json.ts';
import { objectIn } from '../render/json.ts';
import { fingerprint } from '../render/manifest.ts';
import type { Tree } from '../render/tree.ts';
import { jsonObject } from './drizzle-files.ts';
import type { Manifest } from './find.ts';
import type { Plan } from './plan.ts';

const lockPath = 'package-lock.json';
const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;

/** Whether the project's packages become others. */
export function changesPackages(plan: Plan): boolean {
  const before = jsonObject(plan.textBefore('package.json') ?? '');
  const after = jsonObject(plan.textAfter('package.json') ?? '');
  return !samePackages(before, after);
}

/**
 * Brings the lockfile along where it still is the one that was rendered and package.json asks for
 * what the new one holds; anything else is for the package manager.
 */
export function planLock(plan: Plan, { once }: Manifest, theirs: Tree): void {
  const standing = plan.textBefore(lockPath);
  const given = theirs.get(lockPath)?.content;
  if (standing === undefined || typeof given !== 'string') return;
  if (fingerprint(standing) !== once[lockPath]) return;
  const root = objectIn(objectIn(jsonObject(given) ?? {}, 'packages'), '');
  if (!samePackages(root, jsonObject(plan.textAfter('package.json') ?? ''))) return;
  plan.put(lockPath, given, `${lockPath} has the packages that package.json asks for.`);
}

function samePackages(a: JsonObject | undefined, b: JsonObject | undefined): boolean {
  return JSON.stringify(packagesIn(a)) === JSON.stringify(packagesIn(b));
}

function packagesIn(file: JsonObject | undefined) {
  return kinds.map((kind) => Object.entries(objectIn(file ?? {}, kind)).toSorted(byName));
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : Number(a > b);
}
