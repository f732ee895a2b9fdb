import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

import { dropDatabases, useServer } from '../../../scripts/lib/database.ts';
import { useRedis } from '../../../scripts/lib/redis.ts';
import { root } from '../../../scripts/lib/root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A database server, as a user who may make databases. */
    serverUrl: string;
    /** A Redis, for the projects that need one. */
    redisUrl: string;
    /** What the databases of this run are made for; they are removed with it. */
    run: string;
    /** Where projects are generated: outside the repository, whose packages they must not find. */
    workshop: string;
  }
}

/** One database server, one Redis and one folder for all files of this run. */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  await execa(process.execPath, ['scripts/build.ts'], { cwd: root });
  const server = await useServer('npm test');
  const redis = await useRedis('npm test');
  const workshop = mkdtempSync(join(tmpdir(), 'shipkit-projects-'));
  const run = `run${process.pid}`;
  provide('serverUrl', server.url);
  provide('redisUrl', redis.url);
  provide('run', run);
  provide('workshop', workshop);
  return async () => {
    await dropDatabases(server.url, run);
    await server.leave();
    await redis.leave();
    rmSync(workshop, { recursive: true, force: true, maxRetries: 3 });
  };
}
