import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export interface HashCount {
  begun: number;
  ended: number;
  /** The most that ever ran at once. */
  atOnce: number;
}

/** Counts the password hashes that Node.js itself runs, in each test of a file from nothing. */
export function useHashCount(): HashCount {
  const count: HashCount = { begun: 0, ended: 0, atOnce: 0 };
  const running = new Set<number>();
  const hook = createHook({
    init(id, type) {
      if (type !== 'ARGON2REQUEST') return;
      running.add(id);
      count.begun += 1;
      count.atOnce = Math.max(count.atOnce, running.size);
    },
    before(id) {
      if (running.delete(id)) count.ended += 1;
    },
  });

  beforeAll(() => void hook.enable());
  afterAll(() => void hook.disable());
  beforeEach(() => void Object.assign(count, { begun: 0, ended: 0, atOnce: 0 }));
  return count;
}
