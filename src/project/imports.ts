// What a file of the project imports from the project, found without a compiler.
import path from 'node:path';

export interface ProjectImport {
  readonly specifier: string;
  /** Counted from 1. */
  readonly line: number;
  /** The path in the project that it leads to. */
  readonly target: string;
}

// At the start of a line only: what is indented may be text that a program writes.
const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;

/** The imports of a file that lead into the project. */
export function importsIn(file: string, text: string): ProjectImport[] {
  const code = text.replaceAll(/^\/\*[^]*?\*\//gm, (comment) => comment.replaceAll(/[^\n]/g, ''));
  return [...code.matchAll(statement)].flatMap((match) => {
    const specifier = match[2] ?? '';
    const target = targetOf(file, specifier);
    if (target === undefined) return [];
    return [{ specifier, target, line: code.slice(0, match.index).split('\n').length }];
  });
}

/** Undefined for what is not a path into the project. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#app/')) return path.posix.join('src', specifier.slice('#app/'.length));
  if (!/^\.\.?\//.test(specifier)) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** Whether a file is one that imports others. */
export function isCode(file: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(file);
}
