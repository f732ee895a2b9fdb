// What keeps a project from being compiled, as far as it is seen without its compiler.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { domainsPath } from '../../project/mend-lists.ts';
import { schemaPath } from '../../project/retired.ts';
import { filesIn } from '../../project/source-files.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { editing, restoring } from './mends.ts';

const lists: readonly string[] = [domainsPath, schemaPath, 'src/settings.ts', 'src/lifecycle.ts'];

/** Whether the files in which everything is listed are there. */
export const listFiles: Check = ({ folder, base }) =>
  lists
    .filter((file) => base.has(file) && !isFile(folder, file))
    .map((file) => ({
      check: 'lists',
      severity: 'error' as const,
      message: `${file} is missing, and the project does not start without it.`,
      mend: restoring(folder, file),
      files: [file],
    }));

const shown = 5;

/** Whether what src/ and test/ import from the project is there; the first few that are not. */
export const imports: Check = (patient) => {
  const dangling = ['src', 'test']
    .filter((top) => isFolder(patient.folder, top))
    .flatMap((top) => filesIn(patient.folder, top))
    .filter((file) => /\.[cm]?[jt]sx?$/.test(file))
    .toSorted()
    .flatMap((file) => danglingIn(patient.folder, file));
  const findings = dangling.slice(0, shown).map((one) => findingOf(one, patient));
  const rest = dangling.slice(shown);
  if (rest.length === 0) return findings;
  const more = rest.length === 1 ? 'One more import leads' : `${rest.length} more imports lead`;
  const files = [...new Set(rest.map(({ file }) => file))];
  return [
    ...findings,
    {
      check: 'imports',
      severity: 'error',
      message: `${more} to no file.`,
      mend: `${patient.run} typecheck`,
      files,
    },
  ];
};

interface Dangling {
  readonly file: string;
  readonly specifier: string;
  readonly line: number;
  /** The path in the project that it leads to. */
  readonly target: string;
}

function findingOf(
  { file, specifier, target, line }: Dangling,
  { folder, base }: Patient,
): Finding {
  const message = `${file} imports ${specifier}, and there is no such file`;
  const found = { check: 'imports', severity: 'error' as const, files: [file] };
  if (base.has(target)) {
    return { ...found, message: `${message}.`, mend: restoring(folder, target) };
  }
  const advice = `correct the import, or remove ${file} if it is left of a domain that is gone`;
  return { ...found, message: `${message}: ${advice}.`, mend: editing(file, line) };
}

// At the start of a line only: what is indented may be text that a program writes.
const statement = /^(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(['"])([^'"\n]+)\1/gm;

function danglingIn(folder: string, file: string): Dangling[] {
  const text = readFileSync(path.join(folder, file), 'utf8').replaceAll(
    /^\/\*[^]*?\*\//gm,
    (comment) => comment.replaceAll(/[^\n]/g, ''),
  );
  return [...text.matchAll(statement)].flatMap((match) => {
    const specifier = match[2] ?? '';
    const target = targetOf(file, specifier);
    if (target === undefined || isListed(file, specifier)) return [];
    const isThere = [target, target.replace(/js$/, 'ts')].some((one) => isFile(folder, one));
    const line = text.slice(0, match.index).split('\n').length;
    return isThere ? [] : [{ file, specifier, line, target }];
  });
}

/** Undefined for what is not a path into the project. */
function targetOf(file: string, specifier: string): string | undefined {
  if (specifier.startsWith('#app/')) return path.posix.join('src', specifier.slice('#app/'.length));
  if (!/^\.\.?\//.test(specifier)) return undefined;
  return path.posix.join(path.posix.dirname(file), specifier);
}

/** The lines of the lists have a check of their own, which knows how to mend them. */
function isListed(file: string, specifier: string): boolean {
  if (file === domainsPath) return /^\.\/[^/]+\/router\.ts$/.test(specifier);
  return file === schemaPath && /^\.\.\/domains\/[^/]+\/models\.ts$/.test(specifier);
}

function isFile(folder: string, file: string): boolean {
  return statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(folder: string, name: string): boolean {
  return statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
}
