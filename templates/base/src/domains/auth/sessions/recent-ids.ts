/** Ids that are kept for a while. */
export interface RecentIds {
  has(id: string): boolean;
  add(ids: readonly string[]): void;
  delete(ids: readonly string[]): void;
  /** The oldest of them, so many at most. */
  oldest(count: number): string[];
}

/** @param lifetime milliseconds for which an id is kept, from when it is first added */
export function recentIds(lifetime: number): RecentIds {
  /** Until when each is kept, by `performance.now()`: in the order in which they were added. */
  const kept = new Map<string, number>();

  function forgetOld(): void {
    const now = performance.now();
    for (const [id, until] of kept) {
      if (until >= now) return;
      kept.delete(id);
    }
  }

  return {
    has: (id) => kept.has(id),
    add(ids) {
      forgetOld();
      const until = performance.now() + lifetime;
      for (const id of ids) if (!kept.has(id)) kept.set(id, until);
    },
    delete(ids) {
      for (const id of ids) kept.delete(id);
    },
    oldest(count) {
      forgetOld();
      return [...kept.keys()].slice(0, count);
    },
  };
}
