import type { Log } from '#app/log.ts';
import { failureOf } from '../failure.ts';
import type { Store } from './store.ts';

/** Milliseconds for which a store that has failed is left alone. */
const pause = 1000;

/** Keeps callers from waiting, one after the other, for a store that is gone. */
export interface Circuit {
  readonly store: Store;
  /** Whether the store may be asked: always while it works, and by one caller a second while not. */
  mayAsk(): boolean;
  /**
   * Asks the store.
   *
   * @throws what it throws, or where it has not answered within its patience; it may answer later
   */
  ask<T>(question: (store: Store, asked: Asked) => Promise<T>): Promise<T>;
}

export interface Asked {
  /** Whether nobody waits for the answer any more. */
  isLate: boolean;
}

export function circuitOf(store: Store, log: Log): Circuit {
  let working = true;
  let retryAt = 0;

  return {
    store,
    mayAsk() {
      if (working) return true;
      if (performance.now() < retryAt) return false;
      retryAt = performance.now() + pause;
      return true;
    },
    async ask(question) {
      try {
        const asked = { isLate: false };
        const answer = await within(store.patience, question(store, asked), asked);
        if (!working) log.info({ store: store.name }, 'limits are counted there again');
        working = true;
        return answer;
      } catch (error) {
        const { reason } = failureOf(error);
        if (working) log.warn({ store: store.name, reason }, 'limits are counted elsewhere');
        working = false;
        retryAt = performance.now() + pause;
        throw error;
      }
    },
  };
}

/** The store has not answered in time. */
class StoreSilent extends Error {
  override readonly name = 'StoreSilent';
}

async function within<T>(patience: number, answer: Promise<T>, asked: Asked): Promise<T> {
  const silent = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    asked.isLate = true;
    silent.reject(new StoreSilent());
  }, patience);
  try {
    return await Promise.race([answer, silent.promise]);
  } finally {
    clearTimeout(timer);
  }
}
