import type { Database } from '#app/database/database.ts';

/** Gauges that are read together from the database, so every process has the same. */
export interface Figures {
  /** What each is, by its name. */
  readonly about: Readonly<Record<string, string>>;
  /** The values of their label `state`; each is 0 where nothing is read for it. */
  readonly states: readonly string[];
  /** Done at each scrape, so it reads by an index. */
  read(database: Database): Promise<readonly Reading[]>;
}

export interface Reading {
  readonly name: string;
  readonly state: string;
  readonly value: number;
}
