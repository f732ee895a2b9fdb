// What keeps a project from being compiled, as far as it is seen without its compiler.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { importsIn, isCode, type ProjectImport } from '../../project/imports.ts';
import { domainsPath } from '../../project/mend-lists.ts';
import { schemaPath } from '../../project/retired.ts';
import { filesIn } from '../../project/source-files.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { editing, restoring } from './mends.ts';

const lists: readonly string[] = [domainsPath, schemaPath, 'src/settings.ts', 'src/lifecycle.ts'];

/** Whether the files in which everything is listed are there. */
export const listFiles: Check = (patient) =>
  lists
    .filter((file) => patient.base.has(file) && !isFile(patient.folder, file))
    .map((file) => ({
      check: 'lists',
      severity: 'error' as const,
      message: `${file} is missing, and the project does not start without it.`,
      mend: restoring(patient, file),
      files: [file],
    }));

const shown = 5;

/** Whether what src/ and test/ import from the project is there; the first few that are not. */
export const imports: Check = (patient) => {
  const dangling = ['src', 'test']
    .filter((top) => isFolder(patient.folder, top))
    .flatMap((top) => filesIn(patient.folder, top))
    .filter((file) => isCode(file))
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

interface Dangling extends ProjectImport {
  readonly file: string;
}

function findingOf({ file, specifier, target, line }: Dangling, patient: Patient): Finding {
  const message = `${file} imports ${specifier}, and there is no such file`;
  const found = { check: 'imports', severity: 'error' as const, files: [file] };
  if (patient.base.has(target)) {
    return { ...found, message: `${message}.`, mend: restoring(patient, target) };
  }
  const advice = `correct the import, or remove ${file} if it is left of a domain that is gone`;
  return { ...found, message: `${message}: ${advice}.`, mend: editing(file, line) };
}

function danglingIn(folder: string, file: string): Dangling[] {
  const text = readFileSync(path.join(folder, file), 'utf8');
  return importsIn(file, text)
    .filter(({ specifier, target }) => {
      if (isListed(file, specifier)) return false;
      return ![target, target.replace(/js$/, 'ts')].some((one) => isFile(folder, one));
    })
    .map((one) => ({ ...one, file }));
}

/** The lines of the lists have a check of their own, which knows how to mend them. */
function isListed(file: string, specifier: string): boolean {
  if (file === domainsPath) return /^(?:\.|#app\/domains)\/[^/]+\/router\.[jt]s$/.test(specifier);
  return file === schemaPath && /^(?:\.\.|#app)\/domains\/[^/]+\/models\.[jt]s$/.test(specifier);
}

function isFile(folder: string, file: string): boolean {
  return statSync(path.join(folder, file), { throwIfNoEntry: false })?.isFile() === true;
}

function isFolder(folder: string, name: string): boolean {
  return statSync(path.join(folder, name), { throwIfNoEntry: false })?.isDirectory() === true;
}
