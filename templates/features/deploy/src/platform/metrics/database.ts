import { setTimeout as wait } from 'node:timers/promises';
import type { Registry } from 'prom-client';
import type { Database } from '#app/database/database.ts';
import { addGauge } from './add-gauge.ts';
import type { Reading } from './figure.ts';
import { figures } from './figures.ts';

/** Milliseconds in which the database has to answer; Prometheus waits for ten seconds. */
const patience = 3000;

/** Measures the connections of this process, and what the database has to tell. */
export function measureDatabase(registry: Registry, database: Database): void {
  measurePool(registry, database);
  const reads = Object.values(figures).map((all) => {
    const read = once(() => inTime(all.read(database)));
    for (const [name, help] of Object.entries(all.about)) {
      showFigure(registry, { name, help, states: all.states }, read);
    }
    return read;
  });
  addGauge(registry, {
    name: 'database_up',
    help: 'Whether the database told all that was asked for this scrape.',
    async collect() {
      const outcomes = await Promise.allSettled(reads.map((read) => read()));
      this.set(outcomes.every(({ status }) => status === 'fulfilled') ? 1 : 0);
    },
  });
}

type Read = () => Promise<readonly Reading[]>;

/** A scrape asks every gauge at once: those of one reading share it. */
function once(read: Read): Read {
  let running: ReturnType<Read> | undefined;
  return () => (running ??= read().finally(() => (running = undefined)));
}

async function inTime(reading: ReturnType<Read>): ReturnType<Read> {
  const timeout = new AbortController();
  const late = wait(patience, undefined, { signal: timeout.signal }).then(() => {
    throw new Error('The database does not answer.');
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    timeout.abort();
    late.catch(() => {});
  }
}

function showFigure(
  registry: Registry,
  { name, help, states }: { name: string; help: string; states: readonly string[] },
  read: Read,
): void {
  addGauge(registry, {
    name,
    help,
    labelNames: ['state'],
    async collect() {
      // What was read before is not told again as if it were true.
      this.reset();
      const readings = await read().catch(() => undefined);
      if (readings === undefined) return;
      for (const state of states) this.set({ state }, 0);
      for (const { name: of, state, value } of readings)
        if (of === name) this.set({ state }, value);
    },
  });
}

function measurePool(registry: Registry, { pool }: Database): void {
  // The driver keeps these to itself, and has no other way to ask.
  const kept = pool.pool as unknown as Readonly<Record<string, { length: number } | undefined>>;
  const lengthOf = (name: string): number => kept[name]?.length ?? 0;
  addGauge(registry, {
    name: 'database_connections',
    help: 'Connections of this process.',
    labelNames: ['state'],
    collect() {
      const free = lengthOf('_freeConnections');
      this.set({ state: 'in_use' }, lengthOf('_allConnections') - free);
      this.set({ state: 'free' }, free);
    },
  });
  addGauge(registry, {
    name: 'database_connections_awaited',
    help: 'What waits for a connection to be free.',
    collect() {
      this.set(lengthOf('_connectionQueue'));
    },
  });
}
