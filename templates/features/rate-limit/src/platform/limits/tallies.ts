// What this process knows of the windows that run. A store that is asked in another's place is told
// by each process what it has spent, so that the count goes on; a refusal is remembered for as long
// as it holds; and where no store can be reached, the process counts on from what it knows.
import type { Bucket, Spending, Store, Window } from './store.ts';

/** Windows that are remembered. Those that are forgotten begin anew where their store is gone. */
const mostRemembered = 10_000;

interface Tally {
  /** What all processes have spent in the window, as far as is known here. */
  used: number;
  /** What this process has spent in it, wherever that was counted. */
  own: number;
  /** When it ends, by `performance.now()`: rather too early than too late. */
  endsAt: number;
  /** By the name of a store: what it knows of `own`. */
  readonly told: Map<string, Told>;
}

interface Told {
  /** Of its windows, the one in which it knows; undefined before it has named it. */
  window: string | undefined;
  points: number;
  /** When all that it is being told has arrived. */
  arrived: Promise<void>;
}

interface Question {
  /** When it was asked, by `performance.now()`. */
  readonly at: number;
  /** Whether another has been asked meanwhile: then that one has decided. */
  readonly isLate: boolean;
}

export interface Tallies {
  /** The refusal that every store would give, where that is known: what is spent stays spent. */
  refusal(buckets: readonly Bucket[]): Spending | undefined;
  /** Has a store told what this process has spent of these buckets while others counted. */
  tell(store: Store, buckets: readonly Bucket[]): Promise<void>;
  /** Notes what a store has answered. */
  note(store: Store, buckets: readonly Bucket[], spending: Spending, asked: Question): void;
  /** Spends, as far as is known here. */
  spend(buckets: readonly Bucket[]): Spending;
}

export function openTallies(): Tallies {
  const tallies = new Map<string, Tally>();

  function running(key: string): Tally | undefined {
    const tally = tallies.get(key);
    if (tally === undefined || tally.endsAt > performance.now()) return tally;
    tallies.delete(key);
    return undefined;
  }

  function begin(key: string, endsAt: number, own = 0): Tally {
    if (tallies.size >= mostRemembered) makeRoom(tallies);
    const tally = { used: 0, own, endsAt, told: new Map() };
    tallies.set(key, tally);
    return tally;
  }

  function windowOf({ key, per }: Bucket): Window {
    const tally = running(key);
    if (tally === undefined) return { id: '', used: 0, left: per * 1000 };
    return { id: '', used: tally.used, left: tally.endsAt - performance.now() };
  }

  function look(buckets: readonly Bucket[]): Spending {
    const windows = buckets.map(windowOf);
    const admitted = buckets.every(
      ({ cost, points }, index) => (windows[index]?.used ?? 0) + cost <= points,
    );
    return { admitted, windows };
  }

  async function tellOne(store: Store, key: string): Promise<void> {
    const tally = running(key);
    if (tally === undefined) return;
    const told = toldOf(tally, store);
    const untold = tally.own - told.points;
    if (untold > 0) {
      // At once, so that no other call tells the same.
      told.points = tally.own;
      const { own } = tally;
      told.arrived = store
        .add(key, { points: untold, own }, tally.endsAt - performance.now())
        .catch((error: unknown) => {
          told.points -= untold;
          throw error;
        });
    }
    await told.arrived;
  }

  function noteOne(
    store: Store,
    bucket: Bucket,
    window: Window,
    { at, spent, isLate }: Question & { spent: number },
  ): void {
    const endsAt = at + window.left;
    if (endsAt <= performance.now()) return;
    const { own = spent } = window;
    const tally = running(bucket.key) ?? begin(bucket.key, endsAt, own - spent);
    const told = toldOf(tally, store);
    if (told.window !== undefined && told.window !== window.id) {
      // The store has lost what it had counted: it is told again.
      told.points = 0;
      tally.used = 0;
    }
    told.window = window.id;
    told.points = window.own ?? told.points + spent;
    if (!isLate) tally.own += spent;
    tally.used = Math.max(tally.used, window.used);
    tally.endsAt = endsAt;
  }

  return {
    refusal(buckets) {
      // Of a window that is not known there would be nothing to say.
      if (buckets.some(({ key }) => running(key) === undefined)) return undefined;
      const known = look(buckets);
      return known.admitted ? undefined : known;
    },

    async tell(store, buckets) {
      await Promise.all(buckets.map(({ key }) => tellOne(store, key)));
    },

    note(store, buckets, { admitted, windows }, asked) {
      for (const [index, bucket] of buckets.entries()) {
        const window = windows[index];
        const spent = admitted ? bucket.cost : 0;
        if (window !== undefined) noteOne(store, bucket, window, { ...asked, spent });
      }
    },

    spend(buckets) {
      const known = look(buckets);
      if (!known.admitted) return known;
      for (const { key, per, cost } of buckets) {
        const tally = running(key) ?? begin(key, performance.now() + per * 1000);
        tally.used += cost;
        tally.own += cost;
      }
      return { admitted: true, windows: buckets.map(windowOf) };
    },
  };
}

function toldOf({ told }: Tally, { name }: Store): Told {
  const known = told.get(name);
  if (known !== undefined) return known;
  const nothing = { window: undefined, points: 0, arrived: Promise.resolve() };
  told.set(name, nothing);
  return nothing;
}

/** Forgets what has ended, and where that is not enough, a tenth of all: the oldest. */
function makeRoom(tallies: Map<string, Tally>): void {
  const now = performance.now();
  for (const [key, { endsAt }] of tallies) {
    if (endsAt <= now) tallies.delete(key);
  }
  const excess = tallies.size - mostRemembered * 0.9;
  for (const key of [...tallies.keys()].slice(0, Math.max(0, excess))) tallies.delete(key);
}
