export interface Slots {
  /** Takes one and returns what gives it back; nothing where none is free. */
  take(): (() => void) | undefined;
  /** Resolves when all that are taken are given back. */
  idle(): Promise<void>;
}

/** A number of things that may go on at once. */
export function openSlots(count: number): Slots {
  const taken = new Set<Promise<void>>();
  return {
    take() {
      if (taken.size >= count) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      taken.add(promise);
      return () => {
        taken.delete(promise);
        resolve();
      };
    },
    idle: async () => void (await Promise.all(taken)),
  };
}
