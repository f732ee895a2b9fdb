// The process that does jobs as an operator sees it: what it prints, how it tells that it is well, how
// it stops.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createKeyringFile } from '#app/domains/auth/keys/file-store.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { temporaryFolder } from '../support/folder.ts';
import { production } from '../support/production.ts';
import { ownVariables } from '../support/service.ts';
import { soon } from './support/jobs.ts';

type Process = ChildProcessByStdio<null, Readable, Readable>;

const worker = join(import.meta.dirname, '../../src/worker.ts');
let database: TestDatabase;
let child: Process | undefined;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  child?.kill('SIGKILL');
  await database.drop();
});

async function start(): Promise<Process> {
  const folder = await temporaryFolder();
  const [keys, sealingKey] = [join(folder, 'jwt-keys.json'), join(folder, 'sealing-key')];
  await createKeyringFile(keys);
  await createSealingKeyFile(sealingKey);
  const { REDIS_URL = '', REDIS_PREFIX = '' } = await ownVariables();
  // In another folder and an empty environment: a developer's own .env must not decide a test.
  return spawn(process.execPath, [worker], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      ...production,
      DATABASE_URL: database.url,
      REDIS_URL,
      REDIS_PREFIX,
      JWT_KEYS_FILE: keys,
      SEALING_KEY_FILE: sealingKey,
      SHUTDOWN_DELAY_MS: '0',
      WORKER_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function working({ stdout }: Process): Promise<string> {
  for await (const line of createInterface({ input: stdout })) {
    const { msg, url } = JSON.parse(line);
    if (msg !== 'working') continue;
    stdout.resume();
    return url;
  }
  throw new Error('it ended before it worked');
}

async function schedules(): Promise<RowDataPacket[]> {
  const statement = 'SELECT name FROM queue_schedules';
  return (await database.connection.query<RowDataPacket[]>(statement))[0];
}

test.skipIf(process.platform === 'win32')(
  'a worker has no routes but those that tell how it is, plans what is scheduled, and stops in order',
  async () => {
    child = await start();
    const url = await working(child);
    const status = async (path: string) => (await fetch(url + path)).status;
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: 'ready' });
    expect([await status('/healthz'), await status('/v1/auth/sessions')]).toEqual([200, 404]);
    await expect.poll(schedules, soon).toEqual([{ name: 'report-given-up' }]);

    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  },
);
