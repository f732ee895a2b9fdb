// Work that is to be one transaction, whatever it calls: statements and transactions that begin while
// it runs become parts of it, also those of a service that knows nothing of it.
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Pool } from 'mysql2/promise';
import { statementsSentBy, type Statements } from './statements.ts';
import type { Transaction, Work } from './transaction.ts';

/**
 * The transaction, or a part of it. One thing is done in it after the other: a part that is undone
 * takes with it all that was done since it began.
 */
interface Level {
  readonly tx: Transaction;
  readonly around: Level | undefined;
  /** Is over when all that has begun in here is. */
  turn: Promise<unknown>;
  state: 'open' | 'done' | 'undone';
}

export interface OneTransaction {
  /** Sends each statement in the transaction that is around it, or else by the pool. */
  readonly statements: Statements;
  /** Runs `work` as a part of the transaction that is around it, or else by `alone`. */
  join<T>(
    work: Work<T>,
    alone: (work: Work<T>) => Promise<T>,
    options?: { signal?: AbortSignal },
  ): Promise<T>;
  /** The transaction, or the part of it, that is around what asks; nothing where there is none. */
  current(): Transaction | undefined;
  /** Has all that `work` does be a part of `tx`. */
  around<T>(tx: Transaction, work: () => Promise<T>): Promise<T>;
}

export function oneTransaction(pool: Pool): OneTransaction {
  const levels = new AsyncLocalStorage<Level>();

  /**
   * What still runs when that is over which it was begun in, unawaited, is on its own then.
   *
   * @throws where that was undone: a half of it must not be done all the same
   */
  function current(): Level | undefined {
    let level = levels.getStore();
    while (level !== undefined && level.state !== 'open') {
      if (level.state === 'undone') throw new Error('What this belongs to was undone.');
      level = level.around;
    }
    return level;
  }

  async function within<T>(
    { tx, around }: Pick<Level, 'tx' | 'around'>,
    work: () => T | Promise<T>,
  ): Promise<T> {
    const level: Level = { tx, around, turn: Promise.resolve(), state: 'open' };
    try {
      const result = await levels.run(level, async () => work());
      await end(level, 'done');
      return result;
    } catch (error) {
      await end(level, 'undone');
      throw error;
    }
  }

  return {
    statements: statementsSentBy((statement) => {
      const level = current();
      if (level === undefined) return statement(pool);
      return inTurn(level, () => statement(level.tx.statements));
    }),

    async join(work, alone, options) {
      const level = current();
      if (level === undefined) return alone(work);
      return inTurn(level, () =>
        level.tx.part((tx) => within({ tx, around: level }, () => work(tx)), options),
      );
    },

    current: () => current()?.tx,

    around: async (tx, work) => within({ tx, around: current() }, work),
  };
}

function inTurn<T>(level: Level, work: () => Promise<T>): Promise<T> {
  const done = level.turn.then(work);
  level.turn = done.catch(() => undefined);
  return done;
}

/** Once nothing is going on in there any more. */
async function end(level: Level, state: 'done' | 'undone'): Promise<void> {
  let seen;
  while (seen !== level.turn) {
    seen = level.turn;
    await seen;
  }
  level.state = state;
}
