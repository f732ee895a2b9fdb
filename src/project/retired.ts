// The tables of what left the project: their definitions stay, so that their data does.
import path from 'node:path';
import { tablesIn } from '../render/migration.ts';
import { isUsed, type Module, namesDeclared, parseModule, printModule } from './declarations.ts';

export const retiredPath = 'src/database/retired.ts';
export const schemaPath = 'src/database/schema.ts';
export const retiredExport = "export * from './retired.ts';";

const heading = `// Tables of what was taken out of this project. Their rows stay as long as they stand here; remove
// one and run the db:generate script, and a migration drops it. With the last of them, this file goes
// and its line in schema.ts.`;

/**
 * `retired`, with the definitions of a models file that goes.
 *
 * @param file the path of the models file, in the project
 */
export function retire(retired: string | undefined, models: string, file: string): string {
  const before = parsed(retired);
  const leaving = parseModule(models);
  const imports = leaving.imports.map((one) => ({ ...one, from: fromAnywhere(one.from, file) }));
  const known = new Set(before.declarations);
  const declarations = leaving.declarations.filter((declaration) => !known.has(declaration));
  return printModule(heading, {
    imports: [...before.imports, ...imports],
    declarations: [...before.declarations, ...declarations],
  });
}

/** What two branches kept, in one; undefined where they kept the same table in two forms. */
export function unite(ours: string, theirs: string): string | undefined {
  const [mine, yours] = [parsed(ours), parsed(theirs)];
  const declarations = [...new Set([...mine.declarations, ...yours.declarations])];
  const tables = declarations.flatMap(tablesIn);
  if (new Set(tables).size < tables.length) return undefined;
  return printModule(heading, { imports: [...mine.imports, ...yours.imports], declarations });
}

/**
 * `retired` without the tables of models that come again, and without what only they used; undefined
 * when none is left. What stays and refers to them takes them from there.
 *
 * @param file the path of the models, in the project
 */
export function bringBack(retired: string, models: string, file: string): string | undefined {
  const { imports, declarations } = parsed(retired);
  const tables = new Set(tablesIn(models));
  const goes = (one: string) => tablesIn(one).some((table) => tables.has(table));
  const leaving = declarations.filter((one) => goes(one));
  if (leaving.length === 0) return retired;
  const rest = declarations.filter((one) => !goes(one));
  const left = withoutUnused(rest, leaving.join('\n'));
  if (left.flatMap(tablesIn).length === 0) return undefined;
  const back = { from: appPath(file), names: leaving.flatMap(namesDeclared) };
  return printModule(heading, { imports: [...imports, back], declarations: left });
}

/**
 * `retired` without some tables, and without what only they used; undefined when none is left.
 *
 * @returns the name of another table instead, where that one takes something from one of them
 */
export function withoutTables(
  retired: string,
  tables: readonly string[],
): { readonly left: string | undefined } | { readonly neededBy: string } {
  const { imports, declarations } = parsed(retired);
  const goes = (one: string) => tablesIn(one).some((table) => tables.includes(table));
  const leaving = declarations.filter((one) => goes(one)).join('\n');
  const rest = declarations.filter((one) => !goes(one));
  const names = namesDeclared(leaving);
  const needing = rest.find((one) => names.some((name) => isUsed(name, one)));
  const [neededBy] = needing === undefined ? [] : [...tablesIn(needing), ...namesDeclared(needing)];
  if (neededBy !== undefined) return { neededBy };
  const left = withoutUnused(rest, leaving);
  if (left.flatMap(tablesIn).length === 0) return { left: undefined };
  return { left: printModule(heading, { imports, declarations: left }) };
}

/** What would become of a retired table if other models took its place. */
export interface TableChange {
  readonly table: string;
  /** Those that would go, come or change, by their names in the models; none: only keys and indexes. */
  readonly columns: readonly string[];
  /** Every column of the models stands in the retired table as they have it. */
  readonly hasAll: boolean;
}

/** The retired tables that these models would change. Spaces and comments count for nothing. */
export function tablesChanged(retired: string, models: string): TableChange[] {
  const known = parsed(retired).declarations;
  return parseModule(models).declarations.flatMap((next) => {
    const [table] = tablesIn(next);
    const before = known.find((one) => table !== undefined && tablesIn(one).includes(table));
    if (table === undefined || before === undefined) return [];
    if (withoutSpace(before) === withoutSpace(next)) return [];
    const [old, now] = [partsOf(before), partsOf(next)];
    const names = [...new Set([...old.columns.keys(), ...now.columns.keys()])];
    const columns = names.filter((name) => old.columns.get(name) !== now.columns.get(name));
    const hasColumns = !columns.some((name) => now.columns.has(name));
    const hasKeys = now.keys.every((key) => old.keys.includes(key));
    return [{ table, columns, hasAll: hasColumns && hasKeys }];
  });
}

/** A table's columns by their names in the models, and its keys and indexes. */
function partsOf(declaration: string) {
  const text = withoutSpace(declaration);
  const columns = itemsIn(text, text.indexOf('{'));
  const keys = itemsIn(text, text.indexOf('[', columns.end));
  const named = columns.items.map((item) => [item.slice(0, item.indexOf(':')), item] as const);
  return { columns: new Map(named), keys: keys.items };
}

/** What the bracket at `start` holds, parted by its commas. */
function itemsIn(text: string, start: number): { items: string[]; end: number } {
  const items: string[] = [];
  if (start === -1) return { items, end: text.length };
  let [from, depth] = [start + 1, 0];
  for (const { 0: token, index } of text.slice(start).matchAll(brackets)) {
    if (/^[([{]$/.test(token)) depth += 1;
    if (/^[)\]}]$/.test(token)) depth -= 1;
    if (depth > 1 || (depth === 1 && token !== ',')) continue;
    const item = text.slice(from, start + index);
    if (item !== '') items.push(item);
    from = start + index + 1;
    if (depth === 0) return { items, end: from };
  }
  return { items, end: text.length };
}

const brackets = /'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`|[()[\]{},]/g;
const space =
  /('(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)|\/\/[^\n]*|\/\*[\s\S]*?\*\/|\s+|,(?=\s*[)\]}])/g;

/** Without what a formatter decides: spaces, trailing commas and, where nothing is quoted in it, quotes. */
function withoutSpace(text: string): string {
  return text.replaceAll(space, '$1').replaceAll(/"([^"'`\\\n]*)"/g, "'$1'");
}

/** Models with their tables as they were kept, and with what only those use. */
export function asKept(retired: string, models: string): string {
  const [kept, given] = [parsed(retired), parseModule(models)];
  const tables = new Set(tablesIn(models));
  const comesBack = (one: string) => tablesIn(one).some((table) => tables.has(table));
  const back = kept.declarations.filter((one) => comesBack(one)).join('\n');
  const rest = kept.declarations.filter((one) => !comesBack(one));
  const stays = new Set(withoutUnused(rest, back));
  const own = kept.declarations.filter((one) => !stays.has(one));
  const others = given.declarations.filter(
    (one) => !tablesIn(one).some((table) => isIn(table, own)),
  );
  return printModule('', {
    imports: [...given.imports, ...kept.imports],
    declarations: [...own, ...others],
  }).trimStart();
}

function isIn(table: string, declarations: readonly string[]): boolean {
  return declarations.some((one) => tablesIn(one).includes(table));
}

/** The schema barrel, with the line for retired tables or without it. */
export function withRetired(schema: string, wanted: boolean): string {
  const lines = schema.replace(/\n$/, '').split('\n');
  const rest = lines.filter((line) => line.trim() !== retiredExport);
  if (wanted && rest.length < lines.length) return schema;
  return `${(wanted ? [...rest, retiredExport] : rest).join('\n')}\n`;
}

/** A file's text as far as its owner wrote it: the barrel without the line for retired tables. */
export function withoutOwnLines(file: string, text: string): string {
  return file === schemaPath ? withRetired(text, false) : text;
}

/** Whether a retired table takes anything from these models. */
export function isReferredTo(retired: string, models: string): boolean {
  return parsed(retired).imports.some(({ from }) => from === appPath(models));
}

function parsed(retired: string | undefined): Module {
  if (retired === undefined) return { imports: [], declarations: [] };
  return parseModule(retired.startsWith(heading) ? retired.slice(heading.length) : retired);
}

/** Whatever the leaving tables used and nothing else does: their helpers. */
function withoutUnused(declarations: readonly string[], gone: string): readonly string[] {
  const left = declarations.filter((declaration) => {
    if (tablesIn(declaration).length > 0) return true;
    const others = declarations.filter((other) => other !== declaration).join('\n');
    return namesDeclared(declaration).some((name) => isUsed(name, others) || !isUsed(name, gone));
  });
  return left.length === declarations.length ? left : withoutUnused(left, gone);
}

/** An import that means the same from any folder. */
function fromAnywhere(from: string, file: string): string {
  if (!from.startsWith('.')) return from;
  return appPath(path.posix.join(path.posix.dirname(file), from));
}

/** How a file of src/ is imported from another folder. */
function appPath(file: string): string {
  return file.replace(/^src\//, '#app/');
}
