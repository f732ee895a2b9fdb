import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { exitCodes, Problem } from '../problem.ts';
import {
  jsonObject,
  journalEntries,
  journalPath,
  migrationsPath,
  print,
  settledSnapshot,
  snapshotPath,
  sqlPath,
  timeAfter,
  withEntries,
} from './drizzle-files.ts';
import { withDropsInOrder } from './drop-order.ts';
import { endWithParent } from './end-with-parent.ts';
import { lastLine, run } from './run.ts';

export type Generated =
  /** The files of a new migration by their paths, `sql` among them. */
  | { readonly state: 'written'; readonly files: ReadonlyMap<string, string>; readonly sql: string }
  /** The models are what the migrations make. */
  | { readonly state: 'nothing' }
  /** Whether a column is new or renamed is for its owner to say, in a terminal. */
  | { readonly state: 'asks' };

/** Whether the project has drizzle-kit installed. */
export function hasDrizzleKit(folder: string): boolean {
  return existsSync(path.join(folder, 'node_modules', 'drizzle-kit', 'bin.cjs'));
}

/**
 * Lets the project's own drizzle-kit write the migration that is missing, in a copy of the project.
 * It ends with 0 even when it failed, so only its files say what it did.
 *
 * @param project where its packages are
 * @throws Problem (exit code 1) with what it said, when it failed
 */
export async function generateMigration(
  copy: string,
  { project, name, signal }: { project: string; name: string; signal: AbortSignal },
): Promise<Generated> {
  const before = new Set(sqlIn(copy));
  const program = path.join(project, 'node_modules', 'drizzle-kit', 'bin.cjs');
  const args = [...endWithParent, program, 'generate', '--name', name];
  const result = await run(process.execPath, args, { cwd: copy, signal });
  const sql = sqlIn(copy).find((file) => !before.has(file));
  if (sql !== undefined) return { state: 'written', ...settled(copy, sql) };
  if (result.all.includes('Interactive prompts require a TTY')) return { state: 'asks' };
  if (result.ok && result.all.includes('No schema changes')) return { state: 'nothing' };
  const reason = result.all.split('\n').find((line) => /error/i.test(line)) ?? lastLine(result.all);
  throw new Problem(
    exitCodes.unexpected,
    'no-migration',
    `drizzle-kit wrote no migration (${reason.trim()}): nothing was changed; mend what it names and run this again.`,
  );
}

function sqlIn(copy: string): string[] {
  const folder = path.join(copy, migrationsPath);
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.sql')) : [];
}

/** The new files, with an id and a time that are not drawn. */
function settled(copy: string, sql: string): { files: Map<string, string>; sql: string } {
  const read = (file: string) => readFileSync(path.join(copy, file), 'utf8');
  const journal = read(journalPath);
  const entries = journalEntries(journal) ?? [];
  const entry = entries.at(-1);
  const tag = sql.replace(/\.sql$/, '');
  if (entry === undefined || entry.tag !== tag) throw new Error(`drizzle-kit did not list ${sql}.`);
  const snapshot = jsonObject(read(snapshotPath(entry.idx))) ?? {};
  const previous = entries.at(-2);
  const before = previous && jsonObject(read(snapshotPath(previous.idx)));
  const text = withDropsInOrder(read(sqlPath(tag)), before ?? {});
  const timed = { ...entry, when: timeAfter(previous) };
  const files = new Map([
    [sqlPath(tag), text],
    [snapshotPath(entry.idx), print(settledSnapshot(snapshot))],
    [journalPath, withEntries(journal, [...entries.slice(0, -1), timed])],
  ]);
  return { files, sql: text };
}
