// What is expensive to find out and may be a little old, kept in Redis for all processes. Nothing
// fails because Redis is gone: what is asked for is loaded then.
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { failureOf } from '#app/platform/failure.ts';
import type { Redis } from '#app/platform/redis/redis.ts';
import { giveTurnBack, longestLife, look, takeTurn, type Look, type Place } from './entries.ts';
import { openInvalidations } from './invalidations.ts';
import { singleFlight } from './single-flight.ts';
import { jsonFrom, readValue, valueFrom } from './values.ts';

/** Bytes of JSON that a stored value has at most. A larger one is loaded each time. */
const largest = 256 * 1024;
/** The share of its time to live by which a value is loaded again early, at most. */
const jitter = 0.1;
/** Milliseconds for which one process waits for what another one is loading. */
const patience = 1000;
/** Milliseconds between two looks at whether that is there. */
const pause = 25;

export interface Remembered<T> {
  /** What the value is. What is no JSON by itself, such as a Date, needs a codec (`z.codec`). */
  readonly schema: z.ZodType<T>;
  /** What invalidates it. */
  readonly tags?: readonly string[];
  /**
   * Milliseconds after `ttl` in which the old value is answered at once, while one process loads a
   * new one.
   */
  readonly staleFor?: number;
}

export interface Values {
  /**
   * The value under a key; where there is none, what `load` gives, which is stored then. It is loaded
   * once for all who ask meanwhile, in all processes, so `load` is to depend on nothing but the key,
   * and to read nothing that is not committed. In one transaction, as of an `idempotent` route, it is
   * loaded for whoever asks, and not stored.
   *
   * @param ttl milliseconds after which it is loaded again; up to a tenth less, so that what was
   *   stored together does not expire together
   * @throws what `load` throws, to all who wait for it; that is not stored
   * @throws TypeError where what was loaded does not fit the schema
   */
  remember<T>(key: string, ttl: number, load: () => Promise<T>, options: Remembered<T>): Promise<T>;
  /**
   * Has everything loaded anew that has the tag: who asks when this is done gets nothing from before.
   * To be called when the transaction is committed that changes what was loaded; in one transaction,
   * as of an `idempotent` route, it waits for the commit by itself. Where Redis cannot take it, it
   * holds in this process; others may answer what is old until Redis can be told, or until that has
   * expired.
   */
  invalidate(tag: string): Promise<void>;
}

export interface Cache extends Values {
  /** The values and tags of an account, apart from those of all others. */
  forAccount(accountId: string): Values;
  /** Waits for what is being loaded and stored. */
  close(): Promise<void>;
}

/** The turn to load what is cached; where it has waited in vain, one that others have too. */
interface Turn {
  readonly token: string;
  readonly versions: string;
}

/** Opens the cache. @param random gives numbers from 0 to below 1, for the jitter */
export async function openCache(deps: {
  redis: Redis;
  log: Log;
  database: Pick<Database, 'oneTransaction'>;
  random?: () => number;
}): Promise<Cache> {
  const { redis, log, database, random = Math.random } = deps;
  const invalidations = openInvalidations({ redis, log });
  const flights = singleFlight();
  const stores = new Set<Promise<unknown>>();

  async function remember<T>(
    place: Place,
    ttl: number,
    load: () => Promise<T>,
    { schema, staleFor = 0 }: Remembered<T>,
  ): Promise<T> {
    if (!(ttl > 0 && staleFor >= 0 && ttl + staleFor <= longestLife)) {
      throw new RangeError('What is cached lives for more than 0 ms, and for 7 days at most.');
    }
    // What is read in there may never be committed.
    if (database.oneTransaction !== undefined) {
      return valueFrom(schema, jsonFrom(schema, await load()));
    }
    const seen = await inRedis(place, () => look(redis, place, staleFor > 0));
    const found = seen?.json === undefined ? undefined : readValue(schema, seen.json);
    if (seen && found?.success && seen.left > staleFor) return found.data;

    const obtain = async (): Promise<string> => {
      if (!seen) return jsonFrom(schema, await load());
      const accepts = (json: string): boolean => readValue(schema, json).success;
      const turn = await waitForTurn(place, seen, accepts);
      if (typeof turn === 'string') return turn;
      let stored: { json: string; life: number } | undefined;
      try {
        const json = jsonFrom(schema, await load());
        const life = Math.ceil(ttl * (1 - jitter * random())) + staleFor;
        if (isSmall(place, json)) stored = { json, life };
        return json;
      } finally {
        if (turn) giveBack(place, turn, stored);
      }
    };
    // Versions that have changed since it began: it was invalidated, and nobody joins it.
    const flight = `${place.entry}\n${seen?.versions ?? ''}`;
    if (!found?.success) return valueFrom(schema, await flights.join(flight, place.tags, obtain));
    if (!flights.has(flight)) {
      flights.join(flight, place.tags, obtain).catch((error: unknown) => {
        log.warn({ cache: place.name, ...failureOf(error) }, 'a cached value cannot be renewed');
      });
    }
    return found.data;
  }

  /** Does something in Redis. Gives nothing where that is gone. */
  async function inRedis<T>({ tags }: Place, work: () => Promise<T>): Promise<T | undefined> {
    if (redis.problem !== undefined || invalidations.areOwed(tags)) return undefined;
    try {
      return await work();
    } catch {
      redis.doubt();
      return undefined;
    }
  }

  /**
   * Waits until it is this process's turn to load, or another one has loaded: gives that as JSON.
   * Gives nothing where Redis is gone.
   */
  async function waitForTurn(
    place: Place,
    seen: Look,
    accepts: (json: string) => boolean,
  ): Promise<Turn | string | undefined> {
    const token = randomUUID();
    const deadline = performance.now() + patience;
    let refused = seen.entry;
    for (;;) {
      const answer = await inRedis(place, () => takeTurn(redis, place, token, refused));
      if (answer === undefined) return undefined;
      const { mine, versions, entry, json } = answer;
      if (json !== undefined && accepts(json)) return json;
      if (mine || performance.now() > deadline) return { token, versions };
      if (json === undefined) await wait(pause);
      else refused = entry;
    }
  }

  /** Whoever asks after this gets nothing from before, as soon as Redis knows. */
  async function change(tag: string): Promise<void> {
    flights.leave(tag);
    await invalidations.add(tag);
  }

  /** Stores what was loaded, and lets another one load. Nobody waits for it. */
  function giveBack(place: Place, turn: Turn, stored?: { json: string; life: number }): void {
    goOn(inRedis(place, () => giveTurnBack(redis, place, turn, stored)));
  }

  function goOn(store: Promise<unknown>): void {
    stores.add(store);
    void store.finally(() => stores.delete(store));
  }

  function isSmall({ name }: Place, json: string): boolean {
    const bytes = Buffer.byteLength(json);
    if (bytes <= largest) return true;
    log.warn({ cache: name, bytes }, 'a value is too large to be cached');
    return false;
  }

  function valuesOf(...scope: string[]): Values {
    const keyOf = (kind: string, name: string): string => redis.key('cache', ...scope, kind, name);
    return {
      remember(key, ttl, load, options) {
        const place = {
          name: key.split(':')[0] ?? key,
          entry: keyOf('entry', key),
          lock: keyOf('lock', key),
          tags: (options.tags ?? []).map((tag) => keyOf('tag', tag)),
        };
        return remember(place, ttl, load, options);
      },
      async invalidate(tag) {
        const changed = keyOf('tag', tag);
        const { oneTransaction } = database;
        if (oneTransaction === undefined) await change(changed);
        // Before that, somebody might load the old once more.
        else oneTransaction.afterCommit(() => goOn(change(changed)));
      },
    };
  }

  return {
    ...valuesOf(),
    // Encoded: no id is to look like another one and the beginning of a key.
    forAccount: (accountId) => valuesOf('account', encodeURIComponent(accountId)),
    async close() {
      await flights.settled();
      await Promise.all(stores);
      await invalidations.close();
    },
  };
}
