import type { Note } from '../merge/change.ts';
import { importsIn, isCode } from './imports.ts';
import type { Plan } from './plan.ts';
import { retiredPath } from './retired.ts';
import { sourceFiles } from './source-files.ts';

/** The files that stay and import what goes: their owner's, or kept because they were edited. */
export function lostImports(folder: string, plan: Plan): Note[] {
  const gone = new Set(plan.changes.flatMap(({ path, kind }) => (kind === 'delete' ? path : [])));
  if (![...gone].some((file) => isCode(file))) return [];
  return sourceFiles(folder)
    .filter((file) => isCode(file) && !gone.has(file) && file !== retiredPath)
    .flatMap((file) => {
      const lost = importsIn(file, plan.textAfter(file) ?? '').filter(({ target }) =>
        gone.has(target),
      );
      if (lost.length === 0) return [];
      const places = lost.map(({ specifier, line }) => `${specifier} (line ${line})`).join(', ');
      const reason = `${file} imports what goes, ${places}: correct it, or remove it if it is left over.`;
      return [{ path: file, kind: 'imports' as const, reason }];
    });
}
