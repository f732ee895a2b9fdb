import type { Database } from '#app/database/database.ts';
import type { Sealing } from '../sealing.ts';
import { emptyHead, hashOf, type Head } from './chain.ts';
import { readEnd, readEntries, readHash } from './read.ts';

/** Where a log is not as it was written, and in which way. */
export interface Break {
  /** The first entry that is concerned. */
  readonly id: number;
  readonly kind: 'changed' | 'missing' | 'cut' | 'behind-head' | 'head' | 'other-head';
  /** A sentence. */
  readonly reason: string;
}

export interface Verified {
  /** How many entries were found in order, from the first one. */
  readonly entries: number;
  /** The end of what was found in order. */
  readonly head: Head;
  /** Nothing where all is as it was written. */
  readonly broken: Break | undefined;
}

/**
 * Checks every entry of the log, up to where it ends now.
 *
 * Whoever owns the database can take entries off the end and put the head back to what it was then:
 * that shows only beside a head that was kept elsewhere.
 *
 * @param options.kept a head that the log had before, kept outside the database
 * @param options.after the entry behind which it begins, whose hash is taken as right; `last` the
 *   entry at which it stops, before the end of the log
 * @param options.onProgress is told how many entries were checked, after each batch
 * @returns the first place at which it is not as it was written, if there is one
 */
export async function verifyLog(
  { database, sealing }: { database: Pick<Database, 'queries'>; sealing: Sealing },
  options: {
    kept?: Head | undefined;
    after?: Head | undefined;
    last?: number | undefined;
    onProgress?: (entries: number) => void;
  } = {},
): Promise<Verified> {
  const { kept, after, onProgress } = options;
  const { head: end = emptyHead, last } = await readEnd(database);
  const stop = Math.min(options.last ?? Infinity, end.sequence);
  let head = after ?? emptyHead;
  const broken = (id: number, kind: Break['kind'], reason: string): Verified => ({
    entries: head.sequence,
    head,
    broken: { id, kind, reason },
  });

  const range = { ...(after !== undefined && { after: after.sequence }), last: stop };
  for await (const entries of readEntries(database, range)) {
    for (const entry of entries) {
      const { id } = entry;
      const next = head.sequence + 1;
      if (id > next) return broken(next, 'missing', `Entry ${next} is missing.`);
      if (id < next || !hashOf(sealing, head.hash, entry).equals(entry.hash)) {
        return broken(
          id,
          'changed',
          `Entry ${id} is not what was written, or was written with another sealing key.`,
        );
      }
      head = { sequence: id, hash: entry.hash };
      if (kept?.sequence === id && !kept.hash.equals(head.hash)) {
        return broken(
          id,
          'other-head',
          `Entry ${id} has another hash than the head that was kept.`,
        );
      }
    }
    onProgress?.(head.sequence);
  }

  const next = head.sequence + 1;
  if (head.sequence < stop) {
    return broken(next, 'cut', `Entry ${next} is missing, and all that followed up to ${stop}.`);
  }
  if (stop < end.sequence) return { entries: head.sequence, head, broken: undefined };
  if (last > end.sequence) {
    return broken(
      next,
      'behind-head',
      `Entry ${next} lies behind the head: it was added from outside, or the head was put back.`,
    );
  }
  if (!head.hash.equals(end.hash)) {
    return broken(head.sequence, 'head', `The head is not that of entry ${head.sequence}.`);
  }
  if (kept !== undefined && kept.sequence > head.sequence) {
    return broken(
      next,
      'cut',
      `Entry ${next} is missing: the head that was kept is of entry ${kept.sequence}.`,
    );
  }
  return { entries: head.sequence, head, broken: undefined };
}

/**
 * Checks a part of the log, where all of it would take too long: the entries behind one, whose hash
 * is taken as right, up to another; without that, up to where the log ends. Parts that follow each
 * other show what a check of the whole does.
 */
export async function verifyPart(
  deps: Parameters<typeof verifyLog>[0],
  { after, last }: { readonly after: number; readonly last?: number | undefined },
): Promise<Verified> {
  if (after === 0) return verifyLog(deps, { last });
  const hash = await readHash(deps.database, after);
  if (hash !== undefined) return verifyLog(deps, { after: { sequence: after, hash }, last });
  const reason = `Entry ${after} is missing.`;
  return { entries: 0, head: emptyHead, broken: { id: after, kind: 'missing', reason } };
}
