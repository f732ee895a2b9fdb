// What a process knows of the flags, so that asking for one costs no query. It follows changes in
// other processes within the pause below.
import { inArray } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import { prepare, type ReadyFlag } from './decide.ts';
import type { FlagDeclarations } from './define-flags.ts';
import { asDeclared } from './flag-settings.ts';
import { featureFlags } from './models.ts';
import { settingsOf } from './rows.ts';

/** Milliseconds between looks at what was set. */
const pollPause = 1000;

export interface Snapshot {
  /** A flag that is declared. */
  get(name: string): ReadyFlag | undefined;
  /** Reads what was set by now. */
  look(): Promise<void>;
  close(): Promise<void>;
}

interface Held {
  /** Of the row that it was made of; nothing where there is none. */
  readonly revision: string | undefined;
  readonly flag: ReadyFlag;
}

/**
 * Opens the snapshot, with the flags as they are set; where they cannot be read, as they are
 * declared, until they can.
 */
export async function openSnapshot(deps: {
  database: Database;
  log: Log;
  declared: FlagDeclarations;
  /** Milliseconds between looks; for tests. */
  pause?: number | undefined;
}): Promise<Snapshot> {
  const { database, log, declared, pause = pollPause } = deps;
  const unset = new Map(
    Object.entries(declared).map(([name, declaration]): [string, Held] => [
      name,
      { revision: undefined, flag: prepare(name, asDeclared(declaration)) },
    ]),
  );
  const held = new Map(unset);
  const tried = Promise.withResolvers<void>();
  let wasRead = false;
  let last = Promise.resolve();

  async function read(): Promise<void> {
    if (held.size === 0) return;
    const revisions = await readRevisions(database);
    const changed = [...held.keys()].filter(
      (name) => revisions.has(name) && revisions.get(name) !== held.get(name)?.revision,
    );
    const fresh = await readFlags(database, changed);
    for (const [name, unsetFlag] of unset) {
      const found = revisions.has(name) ? fresh.get(name) : unsetFlag;
      if (found !== undefined) held.set(name, found);
    }
  }

  /** One after the other: what was read before a change must not replace what was read after it. */
  function look(): Promise<void> {
    last = last.then(read, read);
    return last;
  }

  const loop = startLoop({ name: 'flags', pause, log }, async () => {
    try {
      await look();
      wasRead = true;
    } finally {
      tried.resolve();
    }
  });
  await tried.promise;
  if (!wasRead) log.warn('until the flags can be read they are as they are declared');

  return { get: (name) => held.get(name)?.flag, look, close: () => loop.close() };
}

/** By the flag's name. Cheap, however long the lists are. */
async function readRevisions({ queries }: Database): Promise<Map<string, string>> {
  const { name, revision } = featureFlags;
  const rows = await queries.select({ name, revision }).from(featureFlags);
  return new Map(rows.map((row) => [row.name, row.revision]));
}

async function readFlags(
  { queries }: Database,
  names: readonly string[],
): Promise<Map<string, Held>> {
  if (names.length === 0) return new Map();
  const rows = await queries.select().from(featureFlags).where(inArray(featureFlags.name, names));
  return new Map(
    rows.map((row) => [
      row.name,
      { revision: row.revision, flag: prepare(row.name, settingsOf(row)) },
    ]),
  );
}
