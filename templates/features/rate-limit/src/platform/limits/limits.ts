import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { circuitOf, type Asked } from './circuit.ts';
import { databaseStore } from './database-store.ts';
import { startPruning } from './pruning.ts';
import type { Bucket, Spending, Store } from './store.ts';
import { openTallies } from './tallies.ts';

/** Milliseconds for which it is a problem that a call was counted by this process alone. */
const remembered = 10_000;

/** Counts what is spent of limits, in all processes of the service together. */
export interface Limits {
  /**
   * Spends the cost of each bucket where all of them have room for it. Never fails: where nothing
   * that counts for all can be reached, this process counts alone, and says so.
   */
  spend(buckets: readonly Bucket[]): Promise<Counted>;
  /** Why the latest calls were counted by this process alone; nothing where they were not. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

export interface Counted extends Spending {
  /** Whether all processes count together. */
  readonly together: boolean;
}

interface LimitDeps {
  readonly log: Log;
  readonly database: Database;
}

/** Opens what counts in the database. */
export async function openLimits(deps: LimitDeps): Promise<Limits> {
  return limitsOn([databaseStore(deps.database)], deps);
}

/** Opens what counts in the first of these stores that can be reached. */
export function limitsOn(stores: readonly Store[], deps: LimitDeps): Limits {
  const circuits = stores.map((store) => circuitOf(store, deps.log));
  const tallies = openTallies();
  const pruning = startPruning(deps);
  let aloneAt = -Infinity;

  async function spendIn(
    store: Store,
    buckets: readonly Bucket[],
    asked: Asked,
  ): Promise<Spending> {
    await tallies.tell(store, buckets);
    const at = performance.now();
    const spending = await store.spend(buckets);
    tallies.note(store, buckets, spending, { at, isLate: asked.isLate });
    return spending;
  }

  return {
    async spend(buckets) {
      const refusal = tallies.refusal(buckets);
      if (refusal !== undefined) return { ...refusal, together: true };
      for (const circuit of circuits) {
        if (!circuit.mayAsk()) continue;
        try {
          const spending = await circuit.ask((store, asked) => spendIn(store, buckets, asked));
          aloneAt = -Infinity;
          return { ...spending, together: true };
        } catch {
          // The circuit has said so. The next one counts on.
        }
      }
      aloneAt = performance.now();
      return { ...tallies.spend(buckets), together: false };
    },
    get problem() {
      if (performance.now() - aloneAt > remembered) return undefined;
      return 'Limits are counted by each process alone.';
    },
    close: () => pruning.close(),
  };
}
