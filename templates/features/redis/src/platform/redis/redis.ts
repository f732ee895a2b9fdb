import { once } from 'node:events';
import { Redis as Client } from 'ioredis';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { RedisSettings } from './settings.ts';

/** Milliseconds in which Redis answers, or counts as gone for whoever asks. */
const usualPatience = 200;
/** Milliseconds between two tries to reach it again, at most. */
const longestPause = 1000;
/** Milliseconds between two looks at whether it answers. */
const lookPause = 500;
/** Milliseconds without a byte from it after which a connection is given up, and another one made. */
const silence = 2000;

export interface Redis {
  /**
   * The client. Each command is answered within a fifth of a second or fails, also while Redis is
   * gone: whoever uses it has something to do then, and says what. One that failed may have been
   * done all the same, and is not sent again.
   */
  readonly client: Client;
  /** The name of a key of this service: `key('cache', id)`. */
  key(...parts: readonly string[]): string;
  /** Why Redis cannot be used; nothing where it can. Known within a second or so. */
  readonly problem: string | undefined;
  /** Has that looked at now: whoever got no answer says so, and the next one need not wait in vain. */
  doubt(): void;
  close(): Promise<void>;
}

/**
 * Connects to Redis, and connects again whenever it is gone. The first try is waited for, whatever
 * comes of it: a second at most.
 *
 * @param deps.patience milliseconds in which a command is answered or fails
 */
export async function openRedis(deps: {
  settings: RedisSettings;
  log: Log;
  patience?: number;
}): Promise<Redis> {
  const { settings, log, patience = usualPatience } = deps;
  const client = new Client(settings.REDIS_URL ?? 'redis://127.0.0.1:6379', {
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 1,
    commandTimeout: patience,
    connectTimeout: 1000,
    socketTimeout: Math.max(silence, patience),
    retryStrategy: (tries) => Math.min(tries * 50, longestPause),
  });
  let gone: string | undefined;
  const note = (reason: string | undefined): void => {
    if (reason !== undefined && gone === undefined) log.warn({ reason }, 'Redis is gone');
    if (reason === undefined && gone !== undefined) log.info('Redis is back');
    gone = reason;
  };
  client.on('error', (error: Error) => note(reasonOf(error)));
  client.on('close', () => note(gone ?? 'the connection was closed'));
  client.on('ready', () => note(undefined));

  const answers = (): Promise<boolean> =>
    client.ping().then(
      () => true,
      () => false,
    );
  // A connection can be there while nothing comes back on it. Asked twice: where this process was
  // held up, it finds an answer late that was there in time.
  const looks = startLoop({ name: 'redis', pause: lookPause, log }, async () => {
    if (client.status !== 'ready') return;
    if ((await answers()) || (await answers())) note(undefined);
    else if (client.status === 'ready') note('it does not answer');
  });
  await once(client, 'ready', { signal: AbortSignal.timeout(1000) }).catch(() => undefined);

  return {
    client,
    key: (...parts) => [settings.REDIS_PREFIX, ...parts].join(':'),
    get problem() {
      if (client.status === 'ready' && gone === undefined) return undefined;
      return `Redis cannot be used (${gone ?? client.status}).`;
    },
    doubt: () => looks.wake(),
    async close() {
      await looks.close();
      client.disconnect();
    },
  };
}

/** Its code, or the first word of what Redis said, such as WRONGPASS: what follows may be a value. */
function reasonOf(error: Error & { code?: string }): string {
  if (error.code !== undefined) return error.code;
  return error.name === 'ReplyError' ? (error.message.split(' ')[0] ?? error.name) : error.name;
}
