// Two branches that each added migrations: theirs keep their numbers, ours come after them.
import { isObject, type JsonObject, objectIn } from '../render/json.ts';
import {
  type JournalEntry,
  journalEntries,
  journalPath,
  jsonObject,
  print,
  settledSnapshot,
  snapshotPath,
  sqlPath,
  timeAfter,
  withEntries,
} from './drizzle-files.ts';
import type { Plan } from './plan.ts';
import { hasMarkers, sidesOf } from './sides.ts';

/**
 * Puts the migrations of two branches in one row, where git left their journal in conflict. The
 * runner knows a migration by its content, so that one that is renamed is not applied again.
 *
 * @returns the migrations that have another name now
 */
export function mendMigrations(plan: Plan): string[] {
  const text = plan.textAfter(journalPath);
  if (text === undefined || !hasMarkers(text)) return [];
  const sides = sidesOf(text);
  const [ours, theirs] = [journalEntries(sides.ours), journalEntries(sides.theirs)];
  if (ours === undefined || theirs === undefined) return [];
  const common = commonStart(ours, theirs);
  const snapshots = snapshotsOf(plan);
  const origin = snapshots(common.at(-1), 'ours');

  const entries = [...theirs];
  for (const entry of theirs.slice(common.length)) {
    put(plan, snapshotPath(entry.idx), print(snapshots(entry, 'theirs')));
  }
  let last = snapshots(theirs.at(-1), 'theirs');
  const renamed: string[] = [];
  const moves = ours.slice(common.length).map((entry) => ({
    entry,
    snapshot: snapshots(entry, 'ours'),
    sql: plan.textAfter(sqlPath(entry.tag)) ?? '',
  }));
  for (const { entry, snapshot, sql } of moves) {
    if (theirs.some(({ tag }) => tag === entry.tag)) continue;
    const idx = (entries.at(-1)?.idx ?? -1) + 1;
    const tag = entry.tag.replace(/^\d+/, String(idx).padStart(4, '0'));
    const next = settledSnapshot(joined(origin, snapshot, last), last['id']);
    put(plan, snapshotPath(idx), print(next));
    if (tag !== entry.tag) {
      plan.remove(
        sqlPath(entry.tag),
        `${sqlPath(entry.tag)} comes after those of the other branch.`,
      );
      put(plan, sqlPath(tag), sql);
      renamed.push(sqlPath(tag));
    }
    entries.push({ ...entry, idx, tag, when: timeAfter(entries.at(-1)) });
    last = next;
  }
  put(plan, journalPath, withEntries(sides.theirs, entries));
  return renamed;
}

function put(plan: Plan, file: string, text: string): void {
  plan.put(file, text, `${file} has the migrations of both branches in one row.`);
}

function commonStart(a: readonly JournalEntry[], b: readonly JournalEntry[]): JournalEntry[] {
  const end = a.findIndex((entry, index) => {
    const other = b[index];
    return other?.tag !== entry.tag || other.when !== entry.when;
  });
  return end === -1 ? [...a] : a.slice(0, end);
}

/** Reads a snapshot as it was on one side, before anything is written. */
function snapshotsOf(plan: Plan) {
  return (entry: JournalEntry | undefined, side: 'ours' | 'theirs'): JsonObject => {
    const text = entry && plan.textBefore(snapshotPath(entry.idx));
    return (text === undefined ? undefined : jsonObject(sidesOf(text)[side])) ?? {};
  };
}

/** `onto` with what changed from `origin` to `changed`, table by table. */
function joined(origin: JsonObject, changed: JsonObject, onto: JsonObject): JsonObject {
  const [before, after] = [objectIn(origin, 'tables'), objectIn(changed, 'tables')];
  const tables: Record<string, JsonObject[string]> = { ...objectIn(onto, 'tables') };
  for (const [name, table] of Object.entries(after)) {
    if (JSON.stringify(before[name]) !== JSON.stringify(table)) tables[name] = table;
  }
  const gone = new Set(Object.keys(before).filter((name) => !(name in after)));
  const left = Object.entries(tables).filter(([name]) => !gone.has(name));
  return { ...changed, tables: Object.fromEntries(left), _meta: meta(changed, onto) };
}

function meta(changed: JsonObject, onto: JsonObject): JsonObject {
  const [ours, theirs] = [objectIn(changed, '_meta'), objectIn(onto, '_meta')];
  const kinds = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return Object.fromEntries(
    [...kinds].map((kind) => {
      const [a, b] = [theirs[kind], ours[kind]];
      return [kind, isObject(a) && isObject(b) ? { ...a, ...b } : (a ?? b)];
    }),
  );
}
