import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject } from 'vitest';

import type { ServerKind } from '../../../templates/base/dev/local/kind.ts';
import { privateServer } from '../../../templates/base/dev/local/server.ts';
import { use, type Service, type Use } from '../../../templates/base/dev/local/service.ts';
import { redis } from '../../../templates/features/redis/dev/local/redis.ts';
import { shareFetched, signalServer } from './private-server.ts';

/** What is left of what it held when it is killed: nothing, all of it, or what it was told to save. */
export type Memory = 'nothing' | 'everything' | 'what was saved';

/** A Redis of a test's own, which it can kill and freeze. */
export class OwnRedis {
  readonly url: string;
  readonly #service: Service;
  readonly #held: Use;

  private constructor(service: Service, held: Use) {
    this.url = held.url;
    this.#service = service;
    this.#held = held;
  }

  static async start(memory: Memory = 'nothing'): Promise<OwnRedis> {
    const folder = mkdtempSync(join(inject('workshop'), 'own-redis-'));
    shareFetched(folder);
    const service = privateServer(memory === 'nothing' ? redis : keeping(memory, folder), folder);
    return new OwnRedis(service, await use(service, { command: 'npm test' }));
  }

  /** Ends it at once, with all that it held and does not keep. */
  kill(): void {
    signalServer(this.#service, 'SIGKILL');
  }

  /** Starts it again where it was killed, on the same port, with what it has kept. */
  async startAgain(): Promise<void> {
    await untilEnded(this.#service);
    const url = await this.#service.start(undefined);
    if (url !== this.url) throw new Error('It came back at another address: its port is taken.');
  }

  /** Stops it in the middle of whatever it does: it takes connections, and answers nothing. */
  freeze(): void {
    signalServer(this.#service, 'SIGSTOP');
  }

  /** Has it go on. */
  thaw(): void {
    signalServer(this.#service, 'SIGCONT');
  }

  async stop(): Promise<void> {
    await this.#held.leave();
  }
}

async function untilEnded(service: Service): Promise<void> {
  await expect.poll(() => service.isRunning(), { timeout: 20_000 }).toBe(false);
}

/** The private Redis with something on disk: each command, or what it held when it was told to save. */
function keeping(memory: Memory, folder: string): ServerKind {
  const appending = ['--appendonly', 'yes', '--appendfsync', 'always'];
  return {
    ...redis,
    arguments: (...given) => [
      ...redis.arguments(...given),
      '--dir',
      folder,
      ...(memory === 'everything' ? appending : []),
    ],
  };
}
