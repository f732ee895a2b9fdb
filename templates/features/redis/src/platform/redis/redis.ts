import { Redis as Client } from 'ioredis';
import type { Log } from '#app/log.ts';
import type { RedisSettings } from './settings.ts';

/** Milliseconds in which Redis answers, or counts as gone for whoever asks. */
const patience = 200;
/** Milliseconds between two tries to reach it again, at most. */
const longestPause = 1000;

export interface Redis {
  /**
   * The client. Each command is answered within a fifth of a second or fails, also while Redis is
   * gone: whoever uses it has something to do then, and says what.
   */
  readonly client: Client;
  /** The name of a key of this service: `key('cache', id)`. */
  key(...parts: readonly string[]): string;
  /** Why Redis cannot be used; nothing where it can. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

/** Connects to Redis, and connects again whenever it is gone. Does not wait for it. */
export async function openRedis(deps: { settings: RedisSettings; log: Log }): Promise<Redis> {
  const { settings, log } = deps;
  const client = new Client(settings.REDIS_URL ?? 'redis://127.0.0.1:6379', {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    commandTimeout: patience,
    connectTimeout: 1000,
    retryStrategy: (tries) => Math.min(tries * 50, longestPause),
  });
  let gone: string | undefined;
  client.on('error', (error: Error & { code?: string }) => {
    if (gone === undefined) log.warn({ reason: error.code ?? error.name }, 'Redis is gone');
    gone = error.code ?? error.name;
  });
  client.on('ready', () => {
    if (gone !== undefined) log.info('Redis is back');
    gone = undefined;
  });

  return {
    client,
    key: (...parts) => [settings.REDIS_PREFIX, ...parts].join(':'),
    get problem() {
      if (client.status === 'ready') return undefined;
      return `Redis cannot be used (${gone ?? client.status}).`;
    },
    close: async () => client.disconnect(),
  };
}
