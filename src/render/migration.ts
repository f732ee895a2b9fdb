import { isObject, type JsonObject, objectIn } from './json.ts';
import type { Migration } from './templates.ts';
import { asBuffer, textOf } from './tree.ts';

const breakpoint = '--> statement-breakpoint';

/**
 * The part of a full initial migration that makes these tables. It works because no feature adds
 * a column to another's table: a statement belongs to one table, and is taken or left whole.
 *
 * @throws Error for a statement that is not known, a table that the migration does not make, or a
 *   foreign key to a table that is not there
 */
export function migrationFor(tables: ReadonlySet<string>, full: Migration): Migration {
  const made = objectIn(full.snapshot, 'tables');
  for (const table of tables) {
    if (!(table in made)) throw new Error(`The initial migration does not make ${table}: refresh.`);
  }
  const statements = full.sql.split(breakpoint).map((statement) => statement.trim());
  const kept = statements.filter((statement) => {
    if (statement === '') return false;
    if (!tables.has(tableOf(statement))) return false;
    const to = /\bREFERENCES `([^`]+)`/.exec(statement)?.[1];
    if (to !== undefined && !tables.has(to)) {
      throw new Error(`${tableOf(statement)} has a foreign key to ${to}, which is not there.`);
    }
    return true;
  });
  return {
    sql: kept.join(`\n${breakpoint}\n`),
    snapshot: {
      ...full.snapshot,
      tables: only(made, (table) => tables.has(table)),
      _meta: metaOf(full.snapshot, tables),
    },
    journal: full.journal,
  };
}

/** The tables that the models in this text define. */
export function tablesIn(source: string | Uint8Array): string[] {
  // Most files define none: theirs need not become text.
  if (typeof source !== 'string' && !asBuffer(source).includes('mysqlTable')) return [];
  return [...textOf(source).matchAll(/\bmysqlTable\(\s*['"`]([^'"`]+)['"`]/g)].map(
    ([, name]) => name ?? '',
  );
}

function tableOf(statement: string): string {
  const patterns = [
    /^CREATE TABLE `([^`]+)`/,
    /^ALTER TABLE `([^`]+)`/,
    /^CREATE (?:UNIQUE )?INDEX `[^`]+` ON `([^`]+)`/,
  ];
  for (const pattern of patterns) {
    const table = pattern.exec(statement)?.[1];
    if (table !== undefined) return table;
  }
  throw new Error(`The initial migration has a statement of no known kind: ${statement}`);
}

function metaOf(snapshot: JsonObject, tables: ReadonlySet<string>): JsonObject {
  const meta = objectIn(snapshot, '_meta');
  return Object.fromEntries(
    Object.entries(meta).map(([kind, names]) => [
      kind,
      isObject(names) ? only(names, (name) => tables.has(firstName(name))) : names,
    ]),
  );
}

/** `"users"."email"` is about users. */
function firstName(quoted: string): string {
  return /^["`]?([^"`.]+)/.exec(quoted)?.[1] ?? '';
}

function only(object: JsonObject, wanted: (key: string) => boolean): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => wanted(key)));
}
