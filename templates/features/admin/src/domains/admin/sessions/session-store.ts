// Where the sessions of operators are kept: `store.ts` gives it. All times are by the store's clock.
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';

/** A session that begins. */
export interface NewSession {
  readonly id: string;
  readonly adminId: string;
  /** SHA-256 of what its cookie holds. */
  readonly tokenHash: Buffer;
  readonly ip: string;
  readonly userAgent: string | undefined;
}

/** A session that goes on: it was used lately, and began not too long ago. */
export interface StoredSession {
  readonly id: string;
  readonly adminId: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date;
  /** When the second factor was last proved. */
  readonly provenAt: Date;
  /** Seconds since its last use. */
  readonly unused: number;
  /** Seconds since the second factor was last proved. */
  readonly unproven: number;
  readonly ip: string | null;
  readonly userAgent: string | null;
}

/** A token that takes the place of another. */
export interface Exchange {
  readonly sessionId: string;
  readonly before: Buffer;
  readonly after: Buffer;
  /** Whether the second factor was just proved. */
  readonly proven: boolean;
}

/**
 * What a transaction does with a session is done where it is committed, and not where it is rolled
 * back, or the session has ended then: never the other way round. Everything throws
 * temporarily_unavailable where the store cannot be reached.
 */
export interface AdminSessionStore {
  insert(tx: Transaction, session: NewSession): Promise<void>;
  /** The session of a token; nothing where it has ended. Who it is of may be disabled. */
  find(queries: Queries, tokenHash: Buffer): Promise<StoredSession | undefined>;
  /** Those of an operator that go on, the newest first. */
  list(queries: Queries, adminId: string): Promise<StoredSession[]>;
  /** Which of some sessions go on. */
  going(queries: Queries, sessionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Notes that a session is in use. Nothing happens where it has ended. */
  noteUse(queries: Queries, sessionId: string): Promise<void>;
  /** The hash of a session's token; nothing where it has ended. */
  tokenHash(tx: Transaction, sessionId: string): Promise<Buffer | undefined>;
  /**
   * Gives a session another token. Of several who exchange the same one at once, one is given it. A
   * session that has ended stays so.
   *
   * @throws admin_sign_in_required where it has another token than `before`
   */
  exchange(tx: Transaction, exchange: Exchange): Promise<void>;
  remove(tx: Transaction, sessionId: string): Promise<void>;
  close(): Promise<void>;
}
