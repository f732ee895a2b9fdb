// Feature flags: asked for in memory, set in the database.
import { eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { decide } from './decide.ts';
import type { FlagDeclaration, FlagDeclarations } from './define-flags.ts';
import { flagUnknown } from './errors.ts';
import { asDeclared, type FlagSettings } from './flag-settings.ts';
import { flags, type FlagName } from './flags.ts';
import { featureFlags } from './models.ts';
import { removeFlag, settingsOf, writeFlag, type FlagChange } from './rows.ts';
import { openSnapshot } from './snapshot.ts';

export interface Flags<Name extends string = FlagName> {
  /**
   * Says whether a flag is on for a subject. Costs no query; what another process sets counts
   * within two seconds.
   *
   * @param subject an id that stays the same, such as the account's
   */
  isOn(name: Name, subject: string): boolean;
  /** Every flag as it is set by now: those that are declared, then those that are not any more. */
  list(): Promise<Flag[]>;
  /** One that is declared, as it is set by now. @throws flag_unknown */
  find(name: string): Promise<DeclaredFlag>;
  /**
   * Sets a flag, and records who did. It counts here when this returns.
   *
   * @throws flag_unknown where it is not declared
   * @throws flag_changed where it is not any more as it was seen
   */
  set(change: FlagChange & { readonly settings: FlagSettings }): Promise<void>;
  /**
   * Forgets how a flag was set that is not declared any more.
   *
   * @throws flag_changed where it is not any more as it was seen
   */
  remove(change: FlagChange): Promise<void>;
  close(): Promise<void>;
}

/** A flag, and how it is set. */
export interface Flag {
  readonly name: string;
  /** Nothing where it is not declared any more. */
  readonly declaration: FlagDeclaration | undefined;
  readonly settings: FlagSettings;
  /** Names what was set last; nothing where it is as it is declared. */
  readonly revision: string | undefined;
  readonly changedAt: Date | undefined;
}

export interface DeclaredFlag extends Flag {
  readonly declaration: FlagDeclaration;
}

export function openFlags(deps: { database: Database; log: Log }): Promise<Flags> {
  return openDeclaredFlags({ ...deps, declared: flags });
}

/** Opens the flags of any declaration, which need not be the service's own. */
export async function openDeclaredFlags<Name extends string>(deps: {
  database: Database;
  log: Log;
  declared: Readonly<Record<Name, FlagDeclaration>>;
  /** Milliseconds between looks at what other processes have set; for tests. */
  pause?: number | undefined;
}): Promise<Flags<Name>> {
  const { database } = deps;
  const declared: FlagDeclarations = deps.declared;
  const snapshot = await openSnapshot({ ...deps, declared });

  /** @throws flag_unknown */
  function declarationOf(name: string): FlagDeclaration {
    const declaration = Object.hasOwn(declared, name) ? declared[name] : undefined;
    if (declaration === undefined) throw flagUnknown();
    return declaration;
  }

  return {
    isOn(name, subject) {
      const flag = snapshot.get(name);
      return flag !== undefined && decide(flag, subject).isOn;
    },

    async list() {
      const rows = await database.queries.select().from(featureFlags).orderBy(featureFlags.name);
      const byName = new Map(rows.map((row) => [row.name, row]));
      return [
        ...Object.entries(declared).map(([name, declaration]) =>
          declaredFlag(name, declaration, byName.get(name)),
        ),
        ...rows
          .filter(({ name }) => !Object.hasOwn(declared, name))
          .map((row) => flagOf(row, undefined)),
      ];
    },

    async find(name) {
      const declaration = declarationOf(name);
      const [row] = await database.queries
        .select()
        .from(featureFlags)
        .where(eq(featureFlags.name, name));
      return declaredFlag(name, declaration, row);
    },

    async set(change) {
      await writeFlag(database, change, asDeclared(declarationOf(change.name)));
      // It is set, whatever comes of this; what cannot be read now is read by the next look.
      await Promise.allSettled([snapshot.look()]);
    },

    remove: (change) => removeFlag(database, change),
    close: () => snapshot.close(),
  };
}

type FlagRow = typeof featureFlags.$inferSelect;

function declaredFlag(
  name: string,
  declaration: FlagDeclaration,
  row: FlagRow | undefined,
): DeclaredFlag {
  if (row !== undefined) return flagOf(row, declaration);
  const settings = asDeclared(declaration);
  return { name, declaration, settings, revision: undefined, changedAt: undefined };
}

function flagOf<Declaration>(row: FlagRow, declaration: Declaration) {
  const { name, revision, updatedAt: changedAt } = row;
  return { name, declaration, settings: settingsOf(row), revision, changedAt };
}
