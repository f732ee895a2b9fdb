import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { diskOf } from '../../project/disk.ts';
import {
  journalEntries,
  journalPath,
  jsonObject,
  snapshotPath,
  sqlPath,
  tablesInSnapshot,
} from '../../project/drizzle-files.ts';
import { generateMigration, hasDrizzleKit } from '../../project/drizzle.ts';
import { Plan } from '../../project/plan.ts';
import { schemaPath } from '../../project/retired.ts';
import { inScratchCopy } from '../../project/scratch.ts';
import { Problem } from '../../problem.ts';
import { tablesIn } from '../../render/migration.ts';
import type { Check, Finding, Patient } from './finding.ts';
import { restoring } from './mends.ts';

/** Whether the migrations are in order, and make the tables that the models say. */
export const migrations: Check = async (patient) => {
  const disorder = order(patient);
  return disorder.length > 0 ? disorder : inStep(patient);
};

function order(patient: Patient): Finding[] {
  const { folder } = patient;
  const files = new Plan(diskOf(folder), [], []);
  const text = files.textBefore(journalPath);
  if (text === undefined) {
    return lost(journalPath, 'is missing', patient);
  }
  const entries = journalEntries(text);
  if (entries === undefined) {
    return finding(`${journalPath} is damaged or was left unmerged.`, 'shipkit doctor --fix');
  }
  let previous: unknown;
  for (const [index, { idx, tag }] of entries.entries()) {
    const snapshot = jsonObject(files.textBefore(snapshotPath(idx)) ?? '');
    if (files.textBefore(sqlPath(tag)) === undefined) {
      return lost(sqlPath(tag), 'is listed and missing', patient);
    }
    if (idx !== index || snapshot === undefined || (index > 0 && snapshot['prevId'] !== previous)) {
      return finding(`The migrations are not in order at ${tag}.`, 'shipkit doctor --fix');
    }
    previous = snapshot['id'];
  }
  const listed = new Set(entries.map(({ tag }) => `${tag}.sql`));
  const odd = readdirSync(path.join(folder, 'migrations')).find(
    (file) => file.endsWith('.sql') && !listed.has(file),
  );
  if (odd === undefined) return [];
  return [
    {
      check: 'migrations',
      severity: 'info',
      message: `migrations/${odd} is applied, though drizzle-kit does not list it.`,
    },
  ];
}

function lost(file: string, what: string, patient: Patient): Finding[] {
  const mend = restoring(patient, file);
  const advice = mend === undefined ? ': restore it from a backup' : '';
  return finding(`${file} ${what}${advice}.`, mend);
}

function finding(message: string, mend: string | undefined): Finding[] {
  return [{ check: 'migrations', severity: 'error', message, mend }];
}

async function inStep({ folder, signal, run }: Patient): Promise<Finding[]> {
  const mend = `${run} db:generate`;
  const behind = (message: string) => finding(message, mend);
  if (!hasDrizzleKit(folder)) {
    const odd = tablesApart(folder);
    if (odd.length === 0) return [];
    return behind(`The migrations are not in step with the models (${odd.join(', ')}).`);
  }
  const name = 'doctor';
  try {
    const result = await inScratchCopy(folder, [], (copy) =>
      generateMigration(copy, { project: folder, name, signal }),
    );
    const message = 'The migrations are not in step with the models.';
    return result.state === 'nothing' ? [] : behind(message);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return behind('drizzle-kit cannot read the models: the command says why.');
  }
}

/** Without drizzle-kit, the names of the tables are what can be compared. */
function tablesApart(folder: string): string[] {
  const files = new Plan(diskOf(folder), [], []);
  const last = journalEntries(files.textBefore(journalPath) ?? '')?.at(-1);
  const made = last && tablesInSnapshot(files.textBefore(snapshotPath(last.idx)) ?? '');
  if (made === undefined || !existsSync(path.join(folder, schemaPath))) return [];
  const listed = (files.textBefore(schemaPath) ?? '').matchAll(/^export \* from '([^']+)';$/gm);
  const wanted = [...listed].flatMap(([, from = '']) =>
    tablesIn(files.textBefore(path.posix.join('src/database', from)) ?? ''),
  );
  return [
    ...wanted.filter((table) => !made.includes(table)),
    ...made.filter((table) => !wanted.includes(table)),
  ];
}
