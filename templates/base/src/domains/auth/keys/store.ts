import type { Transaction } from '#app/database/transaction.ts';
import type { Ring } from './ring.ts';

/** A ring as it was found, and which one that was. */
export interface StoredRing {
  readonly ring: Ring;
  /** Opaque: the same only as long as nothing was changed. */
  readonly revision: string;
}

/** Where a keyring lies: a file, or a row of the database. */
export interface KeyStore {
  /** Where it lies, for a reader. */
  readonly place: string;
  /** @throws KeyringError where there is none, or it cannot be used */
  read(): Promise<StoredRing>;
  /**
   * Stores a first ring.
   *
   * @param record run where it was stored, in the transaction that stores it where there is one
   * @returns false where there is one already; it is left as it is
   */
  create(ring: Ring, record?: (tx?: Transaction) => Promise<void>): Promise<boolean>;
  /**
   * Replaces the ring, if it is still that revision. Whoever reads finds the one before or the new
   * one whole, also after a kill at any moment.
   *
   * @param record run just before the ring is replaced, in the transaction that replaces it where
   *   there is one; what it throws leaves the ring as it is
   * @returns false where the ring was changed meanwhile; nothing was done then
   */
  replace(
    revision: string,
    ring: Ring,
    record: (tx?: Transaction) => Promise<void>,
  ): Promise<boolean>;
}
