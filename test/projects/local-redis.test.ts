// The private Redis of a generated project, which has a database of its owner's.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { freePort } from '../../scripts/lib/port.ts';
import { signalGroup } from '../../scripts/lib/process-group.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import { root } from '../../scripts/lib/root.ts';
import type { Program as ServerProgram } from '../../templates/base/dev/local/kind.ts';
import { findPrograms, unpackedProgram } from '../../templates/base/dev/local/programs.ts';
import { redis } from '../../templates/features/redis/dev/local/redis.ts';
import { processesIn } from './support/processes.ts';
import {
  fetched,
  keepPackages,
  makeProject,
  run,
  start,
  tidy,
  tidyAll,
} from './support/scratch-project.ts';

const settings = () => ({ NODE_ENV: 'development', DATABASE_URL: inject('serverUrl') });

beforeAll(async () => {
  keepPackages(join(root, '.cache'));
  // What one of the projects fetches, the others have then.
  mkdirSync(fetched, { recursive: true });
  await redisUrl(makeRedisProject());
});
afterEach(tidy);
afterAll(tidyAll);

test('a project without a Redis has one by its first command, and nobody else gets in', async () => {
  const folder = makeRedisProject();
  const held = start(folder, 'with-database.ts', ['hold.js'], settings());
  const [url] = await held.until(/redis:\S+/);
  expect(url).toMatch(/^redis:\/\/default:[\w-]{32}@127\.0\.0\.1:\d+$/);
  const { password, port } = new URL(url);
  expect(await answerOf(url)).toBe('PONG');
  await expect(answerOf(`redis://127.0.0.1:${port}`)).rejects.toThrow('NOAUTH');
  expect(processesIn(folder).join('\n')).not.toContain(password);
  expect(filesWith(password, join(folder, '.shipkit/local/redis'))).toEqual(['redis.json 600']);

  const other = makeRedisProject();
  const beside = start(other, 'with-database.ts', ['hold.js'], settings());
  const [urlBeside] = await beside.until(/redis:\S+/);
  expect(new URL(urlBeside).port).not.toBe(port);
  await expect(answerOf(urlBeside.replace(/:[\w-]+@/, `:${password}@`))).rejects.toThrow(
    'WRONGPASS',
  );

  await held.stop('SIGTERM');
  expect(processesIn(folder)).toEqual([]);
  expect(await answerOf(urlBeside)).toBe('PONG');
  await beside.stop('SIGTERM');
  expect(processesIn(other)).toEqual([]);
});

test('commands that start at the same moment share one, and the last of them ends it', async () => {
  const folder = makeRedisProject();
  const held = Array.from({ length: 4 }, () =>
    start(folder, 'with-database.ts', ['hold.js'], settings()),
  );
  const urls = await Promise.all(held.map((program) => program.until(/redis:\S+/)));
  expect(new Set(urls.map(([url]) => url)).size).toBe(1);
  for (const program of held) await program.stop('SIGTERM');
  expect(processesIn(folder)).toEqual([]);
});

test('it is not started in production', async () => {
  const production = { ...settings(), NODE_ENV: 'production' };
  const ran = await run(makeRedisProject(), 'with-database', ['show.js'], production);
  expect(ran.stdout).toBe('undefined');
});

const systemHasOne = globSync('/usr/{,local/}{bin,sbin}/{redis,valkey}-server').length > 0;

test.skipIf(systemHasOne)('where none can be had, it says why and what to do', async () => {
  const folder = makeRedisProject();
  rmSync(join(folder, '.shipkit'), { recursive: true, force: true });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const old = '#!/bin/sh\necho "Redis server v=5.0.3 sha=00000000:0"\n';
  writeFileSync(join(bin, 'redis-server'), old, { mode: 0o755 });
  const nowhere = { ...settings(), PATH: bin };
  const { exitCode, stderr } = await run(folder, 'with-database', ['show.js'], nowhere);
  expect(exitCode).toBe(1);
  expect(stderr).toContain('Redis 5.0.3 is older than 6.2');
  expect(stderr).toContain('there is no docker');
  expect(stderr).toMatch(/Install one with `.+`, or set REDIS_URL/);
});

test('a server of which nobody took note ends by itself', async () => {
  const folder = makeRedisProject();
  const program = await someProgram();
  const record = { home: folder, port: await freePort(), password: 'of nobody' };
  const instance = { kind: redis, home: folder, record };
  const server = spawn(program.server, redis.arguments(instance, program, 'permit-never-given'), {
    cwd: folder,
    env: program.env,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // As if who started it was killed.
  server.stdin.end();
  try {
    expect(await once(server, 'exit')).toEqual([1, null]);
  } finally {
    server.kill('SIGKILL');
  }
});

describe(`SIGKILL at any moment (SEED=${seed()})`, () => {
  const kills = countOf('KILLS') * 2;

  test(
    'leaves no server behind that nobody knows of',
    { timeout: 60_000 + kills * 10_000 },
    async () => {
      const folder = makeRedisProject();
      const random = randomFrom(seed());
      const begun = performance.now();
      await redisUrl(folder);
      const span = performance.now() - begun;
      for (let kill = 0; kill < kills; kill += 1) {
        const moment = random() * span;
        const victim = start(folder, 'with-database.ts', ['show.js'], settings());
        // Every other time with the programs that it runs, as a closed container would.
        const timer = setTimeout(() => {
          if (kill % 2 === 0) victim.signal('SIGKILL');
          else signalGroup(victim.pid, 'SIGKILL');
        }, moment);
        await victim.exitCode;
        clearTimeout(timer);

        expect(await redisUrl(folder), `after ${moment} ms`).toMatch(/^redis:/);
        await expect.poll(() => processesIn(folder), { timeout: 10_000 }).toEqual([]);
      }
    },
  );
});

function makeRedisProject(): string {
  const folder = makeProject();
  cpSync(join(root, 'templates/features/redis/dev'), join(folder, 'dev'), { recursive: true });
  writeFileSync(
    join(folder, 'dev/servers.ts'),
    `import { database } from './local/database/kind.ts';
     import { redis } from './local/redis.ts';
     export const servers = { database, redis };`,
  );
  writeFileSync(join(folder, 'show.js'), 'console.log(process.env.REDIS_URL);');
  writeFileSync(
    join(folder, 'hold.js'),
    'console.log(process.env.REDIS_URL); setInterval(() => undefined, 1000);',
  );
  return folder;
}

async function someProgram(): Promise<ServerProgram> {
  const unpacked = join(fetched, 'redis');
  if (existsSync(unpacked)) return unpackedProgram(redis, unpacked);
  for await (const program of findPrograms(redis, () => undefined)) return program;
  throw new Error('There is no Redis on this machine.');
}

/** The URL that a command gets which then ends. */
async function redisUrl(folder: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run(folder, 'with-database', ['show.js'], settings());
  expect(exitCode, stderr).toBe(0);
  return stdout;
}

async function answerOf(url: string): Promise<string> {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  let reason: Error | undefined;
  client.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await client.connect();
    return await client.ping();
  } catch (error) {
    throw reason ?? error;
  } finally {
    client.disconnect();
  }
}

/** The files that hold a text, with their modes. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter(({ name }) => readFileSync(join(folder, name), 'utf8').includes(text))
    .map(({ name }) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
}
