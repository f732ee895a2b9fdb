import type { Pool } from 'mysql2/promise';
import { isTransient } from './errors.ts';

/** What sends statements: the pool, or one of its connections. */
export type Statements = Pick<Pool, 'query' | 'execute'>;

/** Sends one statement by whatever it is to be sent by. */
export type Send = <T>(statement: (by: Statements) => Promise<T>) => Promise<T>;

export function statementsSentBy(send: Send): Statements {
  // What they take is said in overloads, of which a type sees the last one alone.
  const query = (...given: Parameters<Pool['query']>) => send((by) => by.query(...given));
  const execute = (...given: Parameters<Pool['execute']>) => send((by) => by.execute(...given));
  return { query, execute } as Statements;
}

/** The statements of one transaction. */
export interface OwnStatements extends Statements {
  /** Lets none through from now on: each fails with this. */
  readonly refuse: (reason: unknown) => void;
  /** @throws what they are refused with, where they are */
  requireWhole(): void;
}

/**
 * Sends the statements of a transaction for as long as it is whole. After a deadlock the server has
 * dropped it, and the next statement would commit by itself; after a lock wait timeout a statement is
 * missing in it.
 */
export function ownStatements(connection: Statements): OwnStatements {
  let refused: { readonly reason: unknown } | undefined;
  const refuse = (reason: unknown): void => void (refused ??= { reason });
  const requireWhole = (): void => {
    if (refused !== undefined) throw refused.reason;
  };
  const send: Send = async (statement) => {
    requireWhole();
    try {
      return await statement(connection);
    } catch (error) {
      if (isTransient(error)) refuse(error);
      throw error;
    }
  };
  return { ...statementsSentBy(send), refuse, requireWhole };
}
