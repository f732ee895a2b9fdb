// The sessions that have ended, as processes tell each other by Redis: a message that those who listen
// get at once, and a set for those who did not.
import type { Redis } from '#app/platform/redis/redis.ts';
import { defineScript } from '#app/platform/redis/script.ts';
import { accessTokenLongest } from '../access-tokens.ts';

/** Milliseconds for which an ended session stays in the set, by Redis' clock. */
const kept = accessTokenLongest * 1000;
/** Milliseconds by which Redis' clock may be set back, or one that takes its place be behind. */
const overlap = 10_000;
/** Has whoever listens read the database: more ended than is worth naming. */
const everything = '*';

/** KEYS: the set, which is the channel's name too. ARGV: for how long, then the sessions. */
const tell = defineScript(`
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[1])
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], now, ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
redis.call('PUBLISH', KEYS[1], table.concat(ARGV, ' ', 2))
`);

export interface Listener {
  /** These sessions have ended. */
  ended(sessionIds: readonly string[]): void;
  /** So many have ended that the database is the place to look. */
  everythingEnded(): void;
  /** Redis was lost, or is there again: what was told meanwhile is still to be read. */
  interrupted(): void;
}

export interface SharedEnds {
  /** Tells all processes. Throws where Redis cannot be reached; told twice does no harm. */
  tell(sessionIds: readonly string[]): Promise<void>;
  /**
   * Those in the set that were told since the last reading, or all of them where Redis was lost since.
   * Throws where it cannot be reached.
   */
  read(): Promise<readonly string[]>;
  close(): void;
}

/** Listens to what other processes tell, on a connection of its own, and reads what it has missed. */
export function openSharedEnds(redis: Redis, listener: Listener): SharedEnds {
  const { client } = redis;
  const name = keyOf(redis);
  /** Milliseconds of Redis' clock up to which the set was read. */
  let readUntil = 0;
  let readsAll = true;

  function interrupted(): void {
    readsAll = true;
    listener.interrupted();
  }

  // Nobody waits for an answer on this one, and after each loss it has to subscribe anew.
  const subscriber = client.duplicate({
    commandTimeout: undefined,
    socketTimeout: undefined,
    autoResubscribe: false,
  });
  // The client tells of the same loss.
  subscriber.on('error', () => undefined);
  subscriber.on('ready', () => {
    subscriber.subscribe(name).then(interrupted, () => undefined);
  });
  subscriber.on('message', (_channel: string, message: string) => {
    if (message === everything) listener.everythingEnded();
    else listener.ended(message.split(' '));
  });
  client.on('ready', interrupted);
  client.on('close', interrupted);

  return {
    tell: async (sessionIds) => {
      await tell(client, [name], [kept, ...sessionIds]);
    },

    async read() {
      const from = readsAll ? '-inf' : readUntil - overlap;
      // Before it is asked: where Redis is lost meanwhile, all of it has to be read once more.
      readsAll = false;
      const [[seconds], sessionIds] = await Promise.all([
        client.time(),
        client.zrangebyscore(name, from, '+inf'),
      ]);
      readUntil = Number(seconds) * 1000;
      return sessionIds;
    },

    close() {
      client.off('ready', interrupted);
      client.off('close', interrupted);
      subscriber.disconnect();
    },
  };
}

/** Has all processes read the database. Throws where Redis cannot be reached. */
export async function tellOfEverything(redis: Redis): Promise<void> {
  await redis.client.publish(keyOf(redis), everything);
}

function keyOf(redis: Redis): string {
  return redis.key('ended-sessions');
}
