import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import type { Instance } from './decisions.ts';
import { beat, forget, newInstanceId } from './instances.ts';

/** Milliseconds that a heartbeat may take: a database that hangs must not hold up anything else. */
const patience = 2000;

export interface Heartbeat {
  /** Tells which keys this process accepts and signs with. Does not fail: the next one may be heard. */
  beat(keys: Pick<Instance, 'accepts' | 'signs'>): Promise<void>;
  /** Takes this process off the list. */
  close(): Promise<void>;
}

/** @param deps.name what this process is called; the host's name where there is none */
export function openHeartbeat(deps: {
  database: Database;
  log: Log;
  name: string | undefined;
}): Heartbeat {
  const { database, log } = deps;
  const id = newInstanceId(deps.name);
  let heard = true;
  /** Not waited for any more, and still on its way to the database. */
  const late = new Set<Promise<void>>();

  async function send(keys: Pick<Instance, 'accepts' | 'signs'>): Promise<void> {
    const sent = beat(database, { id, ...keys }).finally(() => late.delete(sent));
    late.add(sent);
    await sent;
  }

  return {
    async beat(keys) {
      try {
        await withPatience(send(keys));
        heard = true;
      } catch (error) {
        // Once, until it is heard again: the database may be away for hours.
        if (heard) log.warn({ err: error }, 'the heartbeat is not heard');
        heard = false;
      }
    },
    async close() {
      try {
        // One that arrives afterwards would put it on the list again.
        await withPatience(Promise.allSettled(late).then(() => forget(database, id)));
      } catch (error) {
        log.warn({ err: error }, 'this instance could not be taken off the list');
      }
    },
  };
}

async function withPatience(work: Promise<void>): Promise<void> {
  const timeout = new AbortController();
  const giveUp = async (): Promise<never> => {
    await wait(patience, undefined, { signal: timeout.signal });
    throw new Error('The database does not answer');
  };
  try {
    await Promise.race([work, giveUp()]);
  } finally {
    timeout.abort();
  }
}
