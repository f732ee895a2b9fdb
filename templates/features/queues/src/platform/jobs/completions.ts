// Writes down which jobs are done, many at once and beside the work: who has done one goes on to the
// next, and does not wait for a round trip each time.
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { markCompleted } from './job-rows.ts';

/** Jobs that may be done and not yet written down: with more, those that do them wait. */
const most = 1000;
/** Milliseconds in which what is done is gathered. */
const gathering = 50;
/** Milliseconds between two tries, while the database is away. */
const pause = 1000;

export interface Completions {
  /** Has it written down that a job is done. */
  add(id: string): Promise<void>;
  /** Waits until all is written down, or nobody waits for that any more. */
  close(): Promise<void>;
}

/**
 * A process that ends in the middle leaves a few jobs that are done and not written down. They are
 * handed out again, like all that was not done: what may happen only once is `once` (once.ts).
 *
 * @param stopping gives up what cannot be written down
 */
export function openCompletions(
  { database, log }: { readonly database: Database; readonly log: Log },
  stopping: AbortSignal,
): Completions {
  let done: string[] = [];
  let writing: Promise<void> | undefined;

  async function writeAll(): Promise<void> {
    while (done.length > 0) {
      await wait(gathering);
      const ids = done;
      done = [];
      // An effect that was made is not made again because the database was away for a while.
      while (!(await written(ids))) await wait(pause);
    }
    writing = undefined;
  }

  async function written(ids: readonly string[]): Promise<boolean> {
    try {
      await markCompleted(database, ids);
      return true;
    } catch (err) {
      if (!stopping.aborted) return false;
      log.warn(
        { err, jobs: ids.length },
        'jobs that are done were not written down: they come again',
      );
      return true;
    }
  }

  return {
    async add(id) {
      done.push(id);
      writing ??= writeAll();
      if (done.length >= most) await writing;
    },
    close: async () => writing,
  };
}
