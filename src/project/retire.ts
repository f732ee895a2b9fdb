import { namesOf } from '../catalog/domains/names.ts';
import { tablesIn } from '../render/migration.ts';
import type { Tree } from '../render/tree.ts';
import { precondition } from '../problem.ts';
import { diskOf } from './disk.ts';
import { Plan } from './plan.ts';
import {
  bringBack,
  columnsChanged,
  isReferredTo,
  retire,
  retiredPath,
  schemaPath,
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

/**
 * Keeps the definitions of tables whose models leave, and takes out those that come again.
 *
 * @param keep whether what leaves is kept; otherwise a migration will drop it
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
    if (typeof content === 'string') retired = bringBack(retired, content, path);
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
 * Sees to it that no table that was kept refers to one that is to be dropped.
 *
 * @param models the path of the models that go
 * @throws Problem (exit code 3) when one does
 */
export function requireUnreferred(folder: string, models: string): void {
  const retired = new Plan(diskOf(folder), [], []).textBefore(retiredPath);
  if (retired === undefined || !isReferredTo(retired, models)) return;
  throw precondition(
    `The table cannot be dropped, because ${retiredPath} has a table that refers to it: drop that one first, or leave --drop-table out.`,
    'referred-to',
  );
}

/**
 * Sees to it that a table that was kept comes back as it is: made anew, it would lose columns.
 *
 * @param render gives the models that are to take its place
 * @throws Problem (exit code 3) that names the columns which would go, come or change
 */
export async function requireSameTable(
  folder: string,
  { name, render }: { name: string; render: () => Promise<string> },
): Promise<void> {
  const retired = new Plan(diskOf(folder), [], []).textBefore(retiredPath);
  const { table } = namesOf(name);
  if (retired === undefined || !tablesIn(retired).includes(table)) return;
  const columns = columnsChanged(retired, await render());
  if (columns === undefined) return;
  const what = columns.length === 0 ? 'keys and indexes' : columns.join(', ');
  throw precondition(
    `${retiredPath} still has the table ${table} with its rows, and these fields would change it (${what}): add ${name} with the fields that stand there and change its models afterwards, or drop the table for good by taking it out of that file and running the db:generate script.`,
    'other-fields',
  );
}
