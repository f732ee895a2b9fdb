// The rows of flags: read as settings, and changed by those who have seen what they change.
import { and, eq } from 'drizzle-orm';
import type { Database } from '#app/database/database.ts';
import { isDuplicate } from '#app/database/errors.ts';
import { newId } from '#app/database/id.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '#app/platform/audit/audit.ts';
import { flagChanged } from './errors.ts';
import { FlagSettings } from './flag-settings.ts';
import { featureFlags } from './models.ts';

type FlagRow = typeof featureFlags.$inferSelect;

export interface FlagChange {
  /** Who changes it, as the audit log names people. */
  readonly actor: string;
  readonly name: string;
  /** The revision that was seen; nothing where there was none. */
  readonly expected: string | undefined;
}

export function settingsOf({ state, percentage, lists }: FlagRow): FlagSettings {
  return { state, percentage, ...lists };
}

/**
 * Sets a flag in one transaction with its entry in the audit log.
 *
 * @param before what a flag without a row is
 * @throws flag_changed where it is not any more as it was seen
 */
export async function writeFlag(
  database: Database,
  change: FlagChange & { readonly settings: FlagSettings },
  before: FlagSettings,
): Promise<void> {
  const { actor, name, expected } = change;
  const settings = FlagSettings.parse(change.settings);
  const { state, percentage, on, off } = settings;
  const values = { revision: newId(), state, percentage, lists: { on, off } };

  await database.transaction(async (tx) => {
    const [row] = await tx.select().from(featureFlags).where(eq(featureFlags.name, name));
    const done =
      expected === undefined
        ? await insert(tx, { name, ...values })
        : await update(tx, { name, expected, values });
    if (!done) throw flagChanged();
    const detail = differences(row === undefined ? before : settingsOf(row), settings);
    recordAct(tx, { actor, action: 'flag.set', subject: `flag:${name}`, detail });
  });
}

/**
 * Removes the row of a flag that is not declared any more.
 *
 * @throws flag_changed where it is not any more as it was seen
 */
export async function removeFlag(database: Database, change: FlagChange): Promise<void> {
  const { actor, name, expected = '' } = change;
  await database.transaction(async (tx) => {
    const [{ affectedRows }] = await tx
      .delete(featureFlags)
      .where(and(eq(featureFlags.name, name), eq(featureFlags.revision, expected)));
    if (affectedRows !== 1) throw flagChanged();
    recordAct(tx, { actor, action: 'flag.removed', subject: `flag:${name}` });
  });
}

async function insert(tx: Transaction, row: typeof featureFlags.$inferInsert): Promise<boolean> {
  try {
    await tx.insert(featureFlags).values(row);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

async function update(
  tx: Transaction,
  change: { name: string; expected: string; values: Partial<FlagRow> },
): Promise<boolean> {
  const { name, expected, values } = change;
  const [{ affectedRows }] = await tx
    .update(featureFlags)
    .set(values)
    .where(and(eq(featureFlags.name, name), eq(featureFlags.revision, expected)));
  return affectedRows === 1;
}

/** Of the lists only what came and went: they may be long. */
function differences(before: FlagSettings, after: FlagSettings) {
  return {
    before: { state: before.state, percentage: before.percentage },
    after: { state: after.state, percentage: after.percentage },
    on: { added: missing(after.on, before.on), removed: missing(before.on, after.on) },
    off: { added: missing(after.off, before.off), removed: missing(before.off, after.off) },
  };
}

function missing(from: readonly string[], other: readonly string[]): string[] {
  const known = new Set(other);
  return from.filter((subject) => !known.has(subject));
}
