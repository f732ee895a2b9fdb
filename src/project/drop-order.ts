import { isObject, type JsonObject, objectIn } from '../render/json.ts';

const breakpoint = '--> statement-breakpoint';

/**
 * A migration in which a table is dropped after those that refer to it: drizzle-kit drops tables in
 * the order of their names, which a database refuses where a foreign key is in the way.
 *
 * @param snapshot the tables as they are before the migration
 */
export function withDropsInOrder(sql: string, snapshot: JsonObject): string {
  const statements = sql.split(breakpoint).map((statement) => statement.trim());
  const drops = statements.filter((statement) => droppedBy(statement) !== undefined);
  if (drops.length < 2) return sql;
  const references = referencesIn(snapshot);
  const ordered: string[] = [];
  while (ordered.length < drops.length) {
    const left = drops.filter((drop) => !ordered.includes(drop));
    const free = left.filter((drop) => !isReferredTo(droppedBy(drop) ?? '', left, references));
    // Tables that refer to each other in a circle have no order: they stay as they came.
    ordered.push(...(free.length === 0 ? left : free));
  }
  const next = ordered.values();
  return statements
    .map((statement) => (droppedBy(statement) === undefined ? statement : next.next().value))
    .join(`${breakpoint}\n`);
}

function droppedBy(statement: string): string | undefined {
  return /^DROP TABLE `([^`]+)`;?$/i.exec(statement)?.[1];
}

function isReferredTo(
  table: string,
  drops: readonly string[],
  references: ReadonlyMap<string, readonly string[]>,
): boolean {
  return drops.some((drop) => {
    const other = droppedBy(drop) ?? '';
    return other !== table && references.get(other)?.includes(table) === true;
  });
}

/** The tables that each table refers to. */
function referencesIn(snapshot: JsonObject): ReadonlyMap<string, readonly string[]> {
  const tables = Object.entries(objectIn(snapshot, 'tables'));
  return new Map(
    tables.map(([name, table]) => {
      const keys = isObject(table) ? Object.values(objectIn(table, 'foreignKeys')) : [];
      const targets = keys.map((key) => (isObject(key) ? key['tableTo'] : undefined));
      return [name, targets.filter((target) => typeof target === 'string')];
    }),
  );
}
