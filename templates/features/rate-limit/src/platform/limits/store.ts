// What counts for limits. A limit has a window that begins with the first point that is spent of it
// and lasts its whole length; what is spent in a window only grows, until it ends. One that would go on
// for more than twice its length is over: the clock that it ends by was set back.

/** A limit as it is held for somebody. */
export interface Bucket {
  /** 32 bytes in base64url that say nothing about the limit, nor about whom it is held for. */
  readonly key: string;
  /** The most that can be spent in one window. */
  readonly points: number;
  /** Seconds that a window lasts. */
  readonly per: number;
  /** What is to be spent of it now. */
  readonly cost: number;
}

/** The window of a bucket that runs, or would begin now. */
export interface Window {
  /** Names it among all that the bucket has had in this store. */
  readonly id: string;
  /** What is spent of it by now. */
  readonly used: number;
  /** Milliseconds until it ends. */
  readonly left: number;
  /** What is spent of it by this process, where the store keeps that apart. */
  readonly own?: number;
}

/** What this process has spent in a window while others counted. */
export interface Untold {
  /** What the store was not told of yet, as far as is known here. */
  readonly points: number;
  /** All that this process has spent in the window, wherever that was counted. */
  readonly own: number;
}

export interface Spending {
  /** Whether it was spent: of all buckets, or of none. */
  readonly admitted: boolean;
  /** Of each bucket, in the order in which they were given. */
  readonly windows: readonly Window[];
}

/** Counts for all processes, by a clock of its own. Each method throws while it cannot be reached. */
export interface Store {
  readonly name: string;
  /** Milliseconds after which it counts as gone. */
  readonly patience: number;
  /** Spends the cost of each bucket where all of them have room for it. */
  spend(buckets: readonly Bucket[]): Promise<Spending>;
  /**
   * Adds what was spent elsewhere, whether or not there is room for it. A store that keeps apart what
   * each process has spent adds nothing that it has counted: a call may have reached it after all
   * whose answer was lost.
   *
   * @param left milliseconds until the window ends, where this store does not know it
   */
  add(key: string, untold: Untold, left: number): Promise<void>;
}
