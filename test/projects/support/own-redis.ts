import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

import { privateServer } from '../../../templates/base/dev/local/server.ts';
import { use, type Service, type Use } from '../../../templates/base/dev/local/service.ts';
import { redis } from '../../../templates/features/redis/dev/local/redis.ts';
import { shareFetched, signalServer } from './private-server.ts';

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

  static async start(): Promise<OwnRedis> {
    const folder = mkdtempSync(join(inject('workshop'), 'own-redis-'));
    shareFetched(folder);
    const service = privateServer(redis, folder);
    return new OwnRedis(service, await use(service, { command: 'npm test' }));
  }

  /** Ends it at once, with all that it held. */
  kill(): void {
    signalServer(this.#service, 'SIGKILL');
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
