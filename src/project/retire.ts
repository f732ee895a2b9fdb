import { catalog } from '../catalog/features.ts';
import { tablesIn } from '../render/migration.ts';
import type { Tree } from '../render/tree.ts';
import { precondition, type Problem } from '../problem.ts';
import { diskOf } from './disk.ts';
import { Plan } from './plan.ts';
import {
  asKept,
  bringBack,
  isReferredTo,
  retire,
  retiredPath,
  schemaPath,
  tablesChanged,
  withoutTables,
  withRetired,
} from './retired.ts';

interface Sides {
  readonly base: Tree;
  readonly theirs: Tree;
}

/** A models file that leaves the project, as it stands. */
export interface Leaving {
  readonly path: string;
  readonly text: string;
}

/** The models files that leave: given before, not given now, still standing. */
export function leavingModels(plan: Plan, { base, theirs }: Sides): Leaving[] {
  return [...base.keys()]
    .filter((path) => path.startsWith('src/') && !theirs.has(path))
    .flatMap((path) => {
      const text = plan.textBefore(path);
      return text === undefined || tablesIn(text).length === 0 ? [] : [{ path, text }];
    });
}

/** Whether the models that leave have all that was given, so that what was given can come back. */
export function leavesAsGiven(plan: Plan, { base, theirs }: Sides): boolean {
  return leavingModels(plan, { base, theirs }).every(({ path, text }) => {
    const given = base.get(path)?.content;
    return typeof given === 'string' && tablesChanged(text, given).every(({ hasAll }) => hasAll);
  });
}

/**
 * Keeps the definitions of tables whose models leave, and takes out those that come again.
 *
 * @param keep whether what leaves is kept; otherwise a migration will drop it
 * @throws Problem (exit code 3) when one would come again with other columns
 */
export function retireModels(plan: Plan, sides: Sides, keep: boolean): void {
  const { base, theirs } = sides;
  let retired = plan.textBefore(retiredPath);
  for (const { path, text } of leavingModels(plan, sides)) {
    if (keep) retired = retire(retired, text, path);
    plan.remove(
      path,
      keep ? `${path} moves into ${retiredPath}.` : `${path} goes with its tables.`,
    );
  }
  for (const [path, { content }] of theirs) {
    if (retired === undefined || !path.startsWith('src/') || base.has(path)) continue;
    if (typeof content !== 'string') continue;
    const models = modelsFor(retired, content, path);
    if (models !== content) plan.put(path, models, `${path} has its table as it was kept.`);
    retired = bringBack(retired, models, path);
  }
  writeRetired(plan, retired);
}

function writeRetired(plan: Plan, retired: string | undefined): void {
  if (retired === plan.textBefore(retiredPath)) return;
  if (retired === undefined) plan.remove(retiredPath, `${retiredPath} has no table left.`);
  else plan.put(retiredPath, retired, `${retiredPath} keeps the tables, and so their rows.`);
  const schema = plan.textAfter(schemaPath);
  if (schema === undefined) return;
  const listed = withRetired(schema, retired !== undefined);
  plan.put(schemaPath, listed, `${schemaPath} lists the tables that are kept.`);
}

/**
 * Takes tables of what left earlier out of the project for good, as far as they are still kept.
 *
 * @throws Problem (exit code 3) when another table that was kept refers to one of them
 */
export function dropRetired(plan: Plan, tables: readonly string[]): void {
  const retired = plan.textBefore(retiredPath) ?? '';
  const kept = tablesIn(retired).filter((table) => tables.includes(table));
  if (kept.length === 0) return;
  const without = withoutTables(retired, kept);
  if ('neededBy' in without) throw referredTo(`the table ${without.neededBy}`);
  writeRetired(plan, without.left);
}

/** Whether the table of a domain that left is still kept. */
export function isRetired(folder: string, table: string): boolean {
  return tablesIn(new Plan(diskOf(folder), [], []).textBefore(retiredPath) ?? '').includes(table);
}

/**
 * Sees to it that no table that was kept refers to one that is to be dropped.
 *
 * @param dropped the tables that were kept and are to be dropped too
 * @throws Problem (exit code 3) when one does
 */
export function requireUnreferred(
  plan: Plan,
  leaving: readonly Leaving[],
  dropped: readonly string[] = [],
): void {
  const retired = plan.textBefore(retiredPath);
  const without = retired === undefined ? undefined : withoutTables(retired, dropped);
  const left = without !== undefined && 'left' in without ? without.left : retired;
  if (left === undefined) return;
  if (leaving.some(({ path }) => isReferredTo(left, path))) throw referredTo('a table');
}

function referredTo(other: string): Problem {
  return precondition(
    `The table cannot be dropped, because ${retiredPath} has ${other} that refers to it: drop that one first, or leave --drop-table out.`,
    'referred-to',
  );
}

/** A table that was kept comes back as it is: made anew from other models, it would lose columns. */
function modelsFor(retired: string, models: string, path: string): string {
  const changed = tablesChanged(retired, models);
  if (changed.length === 0) return models;
  const other = changed.find(({ hasAll }) => !hasAll);
  if (other === undefined) return asKept(retired, models);
  const what = other.columns.length === 0 ? 'keys and indexes' : other.columns.join(', ');
  throw precondition(
    `${retiredPath} still has the table ${other.table} with its rows, and this would change it (${what}): ${waysOut(path)}.`,
    'other-table',
  );
}

function waysOut(models: string): string {
  const domain = /^src\/domains\/([^/]+)\//.exec(models)?.[1];
  const isFeature = catalog.some(({ name }) => name === domain);
  const keep = isFeature
    ? 'give it there the columns that the feature has, and change its models afterwards'
    : 'name the fields that it has there and change its models afterwards';
  const drop =
    domain === undefined
      ? 'by taking it out of that file and running the db:generate script'
      : `with shipkit remove${isFeature ? '' : '-domain'} ${domain} --drop-table`;
  return `${keep}, or drop it for good first, ${drop}`;
}
