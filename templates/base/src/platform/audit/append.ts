import { asc, between, eq, sql } from 'drizzle-orm';
import type { MySql2Database } from 'drizzle-orm/mysql2';
import { isDuplicate } from '#app/database/errors.ts';
import type { Sealing } from '../sealing.ts';
import { emptyHead, hashOf, type Entry, type Head } from './chain.ts';
import { auditHead, auditLog } from './models.ts';
import { entryColumns } from './read.ts';

/** The audit log cannot be written on. The message says why and what to do. */
export class AuditError extends Error {
  override readonly name = 'AuditError';
}

const onlyRow = 1;

/** The part of a sealing that has the key of the audit log. */
export type AuditKey = Pick<Sealing, 'authenticate'>;

/**
 * Writes entries at the end of the log. It is for the end of a transaction: the head stays locked
 * until that is over, and everybody else who has something to record waits for it.
 *
 * @param options.checksKey whether the last entry must have been written with the same key
 * @throws AuditError where it was not, or there are entries behind the head already
 */
export async function appendEntries(
  tx: MySql2Database,
  sealing: AuditKey,
  entries: readonly Entry[],
  { checksKey = false }: { checksKey?: boolean | undefined } = {},
): Promise<void> {
  const { at, ...before } = await lockHead(tx);
  if (checksKey && before.sequence > 0) await requireSameKey(tx, sealing, before);
  let head: Head = before;
  const rows = entries.map((entry) => {
    const link = { ...entry, id: head.sequence + 1, at };
    head = { sequence: link.id, hash: hashOf(sealing, head.hash, link) };
    // The text itself: what is hashed is what is stored.
    const detail = link.detail === null ? null : sql`${link.detail}`;
    return { ...link, detail, hash: head.hash };
  });
  try {
    await tx.insert(auditLog).values(rows);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
    throw new AuditError(
      `The audit log has entries behind its head, which is at ${before.sequence}: one of them was changed from outside. Run: npm run audit -- verify`,
      { cause: error },
    );
  }
  const { sequence, hash } = head;
  await tx.update(auditHead).set({ sequence, hash }).where(eq(auditHead.id, onlyRow));
}

async function requireSameKey(
  tx: MySql2Database,
  sealing: AuditKey,
  { sequence }: Head,
): Promise<void> {
  const [one, two] = await tx
    .select(entryColumns)
    .from(auditLog)
    .where(between(auditLog.id, sequence - 1, sequence))
    .orderBy(asc(auditLog.id));
  const [previous, last] = two === undefined ? [emptyHead, one] : [one ?? emptyHead, two];
  if (last !== undefined && hashOf(sealing, previous.hash, last).equals(last.hash)) return;
  throw new AuditError(
    "The last entry of the audit log does not fit the sealing key that is here, so nothing was done: this is not the service's own key, or the entry was changed. Where the service's key is, npm run audit -- verify tells which.",
  );
}

/** The head and the time, once nobody else can move the head. */
async function lockHead(tx: MySql2Database): Promise<Head & { at: Date }> {
  const found = await selectHead(tx);
  if (found !== undefined) return found;
  // Unlike INSERT IGNORE it locks the row of whoever comes first for writing: else two who waited
  // for that one would wait for each other then.
  await tx
    .insert(auditHead)
    .values({ id: onlyRow, ...emptyHead })
    .onDuplicateKeyUpdate({ set: { sequence: sql`${auditHead.sequence}` } });
  const made = await selectHead(tx);
  if (made === undefined) throw new Error('The head of the audit log vanished');
  return made;
}

async function selectHead(tx: MySql2Database): Promise<(Head & { at: Date }) | undefined> {
  const [row] = await tx
    .select({
      sequence: auditHead.sequence,
      hash: auditHead.hash,
      // When the lock was got; the other functions give the time at which the statement began.
      at: sql`SYSDATE(3)`.mapWith(auditLog.at),
    })
    .from(auditHead)
    .where(eq(auditHead.id, onlyRow))
    .for('update');
  return row;
}
