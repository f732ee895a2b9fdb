import type { Change } from '../merge/change.ts';
import { exitCodes, Problem } from '../problem.ts';
import { tablesIn } from '../render/migration.ts';
import { diskOf } from './disk.ts';
import { journalEntries, journalPath, snapshotPath, tablesInSnapshot } from './drizzle-files.ts';
import { type Generated, generateMigration, hasDrizzleKit } from './drizzle.ts';
import { Plan } from './plan.ts';
import { retiredPath, schemaPath } from './retired.ts';
import { inScratchCopy, layIn } from './scratch.ts';

export interface MigrationRequest {
  readonly folder: string;
  /** What the migration is called, after its number. */
  readonly name: string;
  /** The same change with all tables kept, where some are dropped: drops come in a run of their own. */
  readonly keeping: Plan | undefined;
  readonly signal: AbortSignal;
}

export interface MigrationOutcome {
  /** The new migrations, by their paths. */
  readonly written: readonly string[];
  /** Why one is still to be generated. */
  readonly pending?: 'no-packages' | 'asks';
  /** What the new migrations take away, a line each. */
  readonly losses: readonly string[];
}

const nothing: MigrationOutcome = { written: [], losses: [] };

/**
 * Adds to the plan the migration that its models need.
 *
 * @throws Problem (exit code 1) when drizzle-kit writes none
 */
export async function planMigration(
  plan: Plan,
  request: MigrationRequest,
): Promise<MigrationOutcome> {
  const { folder, name, keeping, signal } = request;
  if (keeping === undefined && !changesTables(plan)) return nothing;
  if (!hasDrizzleKit(folder)) return { ...nothing, pending: 'no-packages' };
  return inScratchCopy(folder, (keeping ?? plan).changes, async (copy) => {
    const generate = (as: string) => generateMigration(copy, { project: folder, name: as, signal });
    const all = [await generate(keeping === undefined ? name : `before_${name}`)];
    if (keeping !== undefined) {
      layIn(copy, [...onlyIn(keeping, plan), ...plan.changes]);
      all.push(await generate(name));
    }
    const outcome = addTo(plan, all);
    if (outcome.pending === undefined) refuseIncomplete(plan);
    return outcome;
  });
}

/** What the first run changed and the second does not, as it stood before. */
function onlyIn(keeping: Plan, plan: Plan): Change[] {
  const also = new Set(plan.changes.map(({ path }) => path));
  return keeping.changes
    .filter(({ path }) => !also.has(path))
    .map((change) => ({ ...change, after: change.before }));
}

/**
 * The files of the migration that a project lacks, which nobody has changed since it was made.
 *
 * @throws Problem (exit code 1) when drizzle-kit writes none
 */
export async function firstMigration(
  folder: string,
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<readonly Change[]> {
  const plan = new Plan(diskOf(folder), [], []);
  await inScratchCopy(folder, [], async (copy) => {
    addTo(plan, [await generateMigration(copy, { project: folder, name, signal })]);
  });
  return plan.changes;
}

function addTo(plan: Plan, all: readonly Generated[]): MigrationOutcome {
  const written: string[] = [];
  const losses: string[] = [];
  for (const generated of all) {
    if (generated.state === 'asks') return { written, losses, pending: 'asks' };
    if (generated.state === 'nothing') continue;
    for (const [file, text] of generated.files) {
      plan.put(file, text, `${file} belongs to the migration that brings the tables up to date.`);
      if (file.endsWith('.sql')) written.push(file);
    }
    losses.push(...lossesIn(generated.sql));
  }
  return { written, losses };
}

/** Whether tables become others: a definition that only moves stays what it is. */
function changesTables(plan: Plan): boolean {
  const { came, went } = tablesChanged(plan);
  if (came.length > 0 || went.length > 0) return true;
  return plan.changes.some(
    ({ path, after }) =>
      path.startsWith('src/') &&
      path !== retiredPath &&
      after !== undefined &&
      tablesIn(plan.textAfter(path) ?? '').length > 0,
  );
}

/** Whatever drizzle-kit says, its last snapshot has to have the tables that came, and no others. */
function refuseIncomplete(plan: Plan): void {
  const last = journalEntries(plan.textAfter(journalPath) ?? '')?.at(-1);
  const snapshot = last && tablesInSnapshot(plan.textAfter(snapshotPath(last.idx)) ?? '');
  const known = new Set(snapshot);
  const { came, went } = tablesChanged(plan);
  const wrong = came.find((table) => !known.has(table)) ?? went.find((table) => known.has(table));
  if (wrong === undefined) return;
  throw new Problem(
    exitCodes.unexpected,
    'no-migration',
    `drizzle-kit wrote no migration for the table ${wrong}: nothing was changed; look whether ${schemaPath} lists its models and drizzle.config.ts names that file, then run this again.`,
  );
}

/** The tables that this plan brings into the project's files, and those that it takes out. */
function tablesChanged(plan: Plan): { came: string[]; went: string[] } {
  const files = plan.changes.filter(({ path }) => path.startsWith('src/'));
  const before = files.flatMap(({ path }) => tablesIn(plan.textBefore(path) ?? ''));
  const after = files.flatMap(({ path }) => tablesIn(plan.textAfter(path) ?? ''));
  return {
    came: after.filter((table) => !before.includes(table)),
    went: before.filter((table) => !after.includes(table)),
  };
}

/** The statements that take rows or columns away. */
function lossesIn(sql: string): string[] {
  return sql
    .split('--> statement-breakpoint')
    .map((statement) => statement.trim())
    .filter((statement) => /^DROP TABLE|\bDROP COLUMN\b|\bMODIFY COLUMN\b/i.test(statement));
}
