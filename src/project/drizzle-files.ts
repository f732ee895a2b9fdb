// What drizzle-kit keeps beside the migrations: a journal of their order, and after each migration
// a snapshot of all tables, which names the one before it.
import { createHash } from 'node:crypto';
import { isList, isObject, type JsonObject, objectIn, parseJson } from '../render/json.ts';

export const migrationsPath = 'migrations';
export const journalPath = `${migrationsPath}/meta/_journal.json`;

export interface JournalEntry extends JsonObject {
  readonly idx: number;
  readonly when: number;
  readonly tag: string;
}

/** The entries of a journal; undefined when the text is not one. */
export function journalEntries(text: string): JournalEntry[] | undefined {
  const journal = jsonObject(text);
  const entries = journal?.['entries'];
  if (!isList(entries)) return undefined;
  const known = entries.filter((entry): entry is JournalEntry => isJournalEntry(entry));
  return known.length === entries.length ? known : undefined;
}

/** The journal with other entries. */
export function withEntries(text: string, entries: readonly JournalEntry[]): string {
  return print({ ...jsonObject(text), entries });
}

export function snapshotPath(idx: number): string {
  return `${migrationsPath}/meta/${String(idx).padStart(4, '0')}_snapshot.json`;
}

export function sqlPath(tag: string): string {
  return `${migrationsPath}/${tag}.sql`;
}

/** The tables that a snapshot knows. */
export function tablesInSnapshot(text: string): string[] | undefined {
  const snapshot = jsonObject(text);
  return (
    snapshot &&
    Object.values(objectIn(snapshot, 'tables')).flatMap((table) =>
      isObject(table) && typeof table['name'] === 'string' ? [table['name']] : [],
    )
  );
}

/**
 * A snapshot under an id that its content and its predecessor decide, where drizzle-kit draws one:
 * the same change gives the same files each time.
 */
export function settledSnapshot(snapshot: JsonObject, prevId = snapshot['prevId']): JsonObject {
  const content = JSON.stringify({ ...snapshot, id: '', prevId });
  const hash = createHash('sha256').update(content).digest('hex');
  const id = [
    hash.slice(0, 8),
    hash.slice(8, 12),
    `8${hash.slice(13, 16)}`,
    `8${hash.slice(17, 20)}`,
    hash.slice(20, 32),
  ].join('-');
  return { ...snapshot, id, prevId };
}

/** The time of a migration, of which only the order counts: a second after the one before it. */
export function timeAfter(previous: JournalEntry | undefined): number {
  return (previous?.when ?? 0) + 1000;
}

export function jsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isObject(value) ? value : undefined;
}

/** As drizzle-kit writes it. */
export function print(value: JsonObject): string {
  return JSON.stringify(value, null, 2);
}

function isJournalEntry(value: unknown): value is JournalEntry {
  return (
    isObject(value) &&
    typeof value['idx'] === 'number' &&
    typeof value['when'] === 'number' &&
    typeof value['tag'] === 'string'
  );
}
