import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { State } from './state.ts';

/** Milliseconds after a change that nobody waits for until it is written. */
const delay = 300;

/** What is neither a table nor the clock. */
const settings = ['afterRetries', 'refundsWait', 'lacksBalance', 'portalIsMissing'] as const;

interface Kept {
  readonly now: number;
  readonly settings: Partial<State>;
  readonly maps: Record<string, [string, unknown][]>;
  readonly sets: Record<string, unknown[]>;
}

export interface Keeper {
  /** To be told of a change that comes by itself, as by a delivery: it is written soon. */
  changed(): void;
  /** Writes what became of the state, at once. */
  write(): void;
}

/**
 * Fills a state with what its file has, if there is one, and writes what becomes of it. A process that
 * is killed has forgotten nothing that it had answered, if it calls `write` before each answer.
 */
export function keepState(state: State, file: string): Keeper {
  restore(state, file);
  let timer: NodeJS.Timeout | undefined;
  const write = (): void => {
    clearTimeout(timer);
    timer = undefined;
    mkdirSync(dirname(file), { recursive: true });
    // Whole or not at all: it could be ended in the middle.
    writeFileSync(`${file}.new`, JSON.stringify(keptOf(state)));
    renameSync(`${file}.new`, file);
  };
  return {
    changed: () => {
      timer ??= setTimeout(write, delay).unref();
    },
    write,
  };
}

function keptOf(state: State): Kept {
  const entries: [string, unknown][] = Object.entries(state);
  const maps = entries.flatMap(([name, value]) =>
    value instanceof Map ? [[name, [...value]]] : [],
  );
  const sets = entries.flatMap(([name, value]) =>
    value instanceof Set ? [[name, [...value]]] : [],
  );
  return {
    now: state.now(),
    settings: Object.fromEntries(settings.map((name) => [name, state[name]])),
    maps: Object.fromEntries(maps),
    sets: Object.fromEntries(sets),
  };
}

function restore(state: State, file: string): void {
  const kept = read(file);
  if (!kept) return;
  const tables: Record<string, unknown> = { ...state };
  for (const [name, entries] of Object.entries(kept.maps)) {
    const table = tables[name];
    if (table instanceof Map) for (const [id, object] of entries) table.set(id, object);
  }
  for (const [name, values] of Object.entries(kept.sets)) {
    const table = tables[name];
    if (table instanceof Set) for (const value of values) table.add(value);
  }
  Object.assign(state, kept.settings);
  // It has gone on meanwhile, but never runs behind what it was already.
  state.setNow(Math.max(kept.now, state.now()));
}

function read(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    // There is none yet, or it is not whole: then it begins anew.
    return undefined;
  }
}
