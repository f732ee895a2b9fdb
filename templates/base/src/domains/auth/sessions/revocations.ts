// An access token is valid by itself, for a quarter of an hour, and nobody looks it up. So that it
// ends with its session all the same, each process knows the sessions that have ended in that time:
// its own at once, those that ended in another process within the pause below.
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import { endedSessions, problemOf } from './ended-sessions.ts';

/** Milliseconds between looks at what other processes have ended. */
const pollPause = 1000;

export interface Revocations {
  /**
   * Says whether a session has ended. Costs no query.
   *
   * @throws temporarily_unavailable until the ended sessions could be read for the first time
   */
  has(sessionId: string): boolean;
  /** Why sessions may have ended that are not known here; nothing where all is well. */
  readonly problem: string | undefined;
  /** Has the access tokens of these sessions refused, once the transaction is committed. */
  add(tx: Transaction, sessionIds: readonly string[]): void;
  close(): Promise<void>;
}

/** Opens the snapshot, with what has ended so far, and keeps it up to date until it is closed. */
export async function openRevocations(deps: {
  database: Database;
  log: Log;
}): Promise<Revocations> {
  const ended = endedSessions(deps.database);
  const tried = Promise.withResolvers<void>();
  const { log } = deps;
  const loop = startLoop({ name: 'revocations', pause: pollPause, log }, async () => {
    try {
      await ended.read();
    } finally {
      tried.resolve();
    }
  });
  await tried.promise;

  return {
    has: (sessionId) => ended.has(sessionId),
    get problem() {
      return problemOf(ended.readAt);
    },
    add: (tx, sessionIds) => tx.afterCommit(() => ended.keep(sessionIds)),
    close: () => loop.close(),
  };
}
