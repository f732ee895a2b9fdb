import { createHash } from 'node:crypto';
import type { Redis } from './redis.ts';

/** Runs a script on these keys, with these arguments. Fails as any command does. */
export type Script = (
  client: Redis['client'],
  keys: readonly string[],
  args: readonly (string | number)[],
) => Promise<unknown>;

/**
 * A script in Lua, which Redis runs as one command: nothing comes between its steps.
 *
 * @param lua names every key that it touches by `KEYS`
 */
export function defineScript(lua: string): Script {
  const hash = createHash('sha1').update(lua).digest('hex');
  return async (client, keys, args) => {
    try {
      return await client.evalsha(hash, keys.length, ...keys, ...args);
    } catch (error) {
      // It knows a script by its hash from the first time on, until it is started again.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return client.eval(lua, keys.length, ...keys, ...args);
    }
  };
}
