import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, sep } from 'node:path';

import { fingerprint, manifestPath } from '../../src/render/manifest.ts';

/** What comes into a project by working with it, and is nobody's work. */
const byproducts = /^(node_modules|\.shipkit|secrets|coverage)\/|^\.env$|\.log$/;

/**
 * The files of a generated project that somebody edited, deleted or added since.
 *
 * @returns their paths, relative to the project; undefined if there is no project in the folder
 */
export function changesIn(folder: string): string[] | undefined {
  const manifestFile = join(folder, manifestPath);
  if (!existsSync(manifestFile)) return undefined;
  const manifest = JSON.parse(readFileSync(manifestFile, 'utf8')) as {
    files: Record<string, string>;
    once: Record<string, string>;
  };
  const generated = new Map(Object.entries({ ...manifest.files, ...manifest.once }));
  const present = filesIn(folder);
  const added = present.filter((path) => !generated.has(path));
  const edited = [...generated]
    .filter(([path, sha256]) => !present.includes(path) || hashOf(join(folder, path)) !== sha256)
    .map(([path]) => path)
    .filter((path) => !byproducts.test(path));
  return [...edited, ...added].toSorted();
}

function filesIn(folder: string): string[] {
  const skipped = new Set(['node_modules', '.shipkit', '.git']);
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !skipped.has(entry.name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory()
        ? filesIn(path).map((inner) => join(entry.name, inner))
        : [entry.name];
    })
    .map((path) => path.split(sep).join('/'))
    .filter((path) => !byproducts.test(path));
}

function hashOf(file: string): string {
  return fingerprint(readFileSync(file, 'utf8'));
}
