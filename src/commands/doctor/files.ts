import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { DiskFile } from '../../merge/change.ts';
import { sameText, textFile } from '../../merge/text.ts';
import { diskOf } from '../../project/disk.ts';
import { builtInFolders, listGaps } from '../../project/mend-lists.ts';
import { withoutOwnLines } from '../../project/retired.ts';
import { sourceFiles } from '../../project/source-files.ts';
import type { Entry } from '../../render/tree.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { editing, restoring } from './mends.ts';

/** What the owner edited and deleted of what was generated. */
export const drift: Check = ({ folder, base }) => {
  const disk = diskOf(folder);
  const standing = [...base].map(([file, { content }]) => ({ file, content, now: disk(file) }));
  const deleted = standing.flatMap(({ file, now }) => (now === undefined ? [file] : []));
  const edited = standing.flatMap(({ file, content, now }) =>
    now === undefined || isAsGiven(file, content, now) ? [] : [file],
  );
  const untouched = base.size - deleted.length - edited.length;
  const message = `Of ${base.size} generated files, ${untouched} are untouched, ${edited.length} edited and ${deleted.length} deleted.`;
  const files = [...edited, ...deleted];
  return [{ check: 'files', severity: 'info', message, mend: 'shipkit diff', files }];
};

function isAsGiven(file: string, given: Entry['content'], now: DiskFile): boolean {
  const text = textFile(now.content)?.text;
  return sameText(given, text === undefined ? now.content : withoutOwnLines(file, text));
}

/** Places where a merge was left unresolved. */
export const conflictMarkers: Check = (patient) => markersIn(patient);

/** The same where the manifest cannot be read. */
export function markersIn({ folder, base }: Pick<Patient, 'folder' | 'base'>): Finding[] {
  const files = new Set([...base.keys(), ...sourceFiles(folder), '.shipkit/manifest.json']);
  return [...files].toSorted().flatMap((file) => {
    const line = markerLine(path.join(folder, file));
    if (line === undefined) return [];
    const message = `${file}:${line} has the marker of a conflict that is not resolved.`;
    const mend = editing(file, line);
    return [{ check: 'conflicts', severity: 'error' as const, message, mend, files: [file] }];
  });
}

function markerLine(file: string): number | undefined {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats?.isFile() !== true || stats.size > 2 ** 22) return undefined;
  const text = readFileSync(file, 'utf8');
  // One is enough: a conflict that was resolved by half is the one that is overlooked.
  const first = /^(?:<{7}|>{7}|\|{7}) \S/m.exec(text)?.index;
  return first === undefined ? undefined : text.slice(0, first).split('\n').length;
}

/** Whether the lists of domains and of tables name what is in the folders. */
export const lists: Check = (patient) => {
  const { folder, base, manifest } = patient;
  const builtIn = builtInFolders(base, manifest.answers);
  return listGaps(folder).map(({ file, folder: domain, kind, canMend }) => {
    const place = `src/domains/${domain}`;
    const isLost = kind === 'dead' && builtIn.has(domain);
    const mend = canMend ? 'shipkit doctor --fix' : editing(file);
    return {
      check: 'lists',
      severity: 'error' as const,
      message:
        kind === 'missing'
          ? `${file} does not list ${place}.`
          : `${file} lists ${place}, and there is no such file.`,
      mend: isLost ? restoring(patient, place) : mend,
      files: [file],
    };
  });
};
