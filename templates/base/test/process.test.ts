// The process as an operator sees it: what it prints, what it exits with, how it stops.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Agent, get } from 'node:http';
import type { RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fileStore } from '#app/domains/auth/keys/file-store.ts';
import { newRing } from '#app/domains/auth/keys/ring.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';
import { production } from './support/production.ts';
import { ownVariables } from './support/service.ts';

let database: TestDatabase;
let folder = '';
let own: Record<string, string> = {};

beforeAll(async () => {
  database = await createTestDatabase();
  folder = await temporaryFolder();
  own = await ownVariables();
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  await database.drop();
});

type Process = ChildProcessByStdio<null, Readable, Readable>;

const main = join(import.meta.dirname, '../src/main.ts');
const running = new Set<Process>();

/** In another folder and an empty environment: a developer's own .env must not decide a test. */
function run(env: Record<string, string>): Process {
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

async function listening(child: Process): Promise<string> {
  for await (const line of createInterface({ input: child.stdout })) {
    const { msg, url } = JSON.parse(line);
    if (msg === 'listening') {
      child.stdout.resume();
      return url;
    }
  }
  throw new Error('it ended before it listened');
}

async function instances(): Promise<RowDataPacket[]> {
  const [rows] = await database.connection.query<RowDataPacket[]>('SELECT * FROM instances');
  return rows;
}

const complete = () => ({
  ...production,
  ...own,
  // Production sends its mails.
  MAIL_FOLDER: '',
  DATABASE_URL: database.url,
  PORT: '0',
});

test('with settings that are wrong it lists them all and exits with 1', async () => {
  const child = run({
    DATABASE_URL: 'postgres://x',
    APP_ORIGIN: 'app',
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    NODE_ENV: 'staging',
    CORS_ORIGINS: '*',
  });
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  expect(code).toBe(1);
  for (const name of [
    'DATABASE_URL',
    'APP_ORIGIN',
    'PORT',
    'LOG_LEVEL',
    'NODE_ENV',
    'CORS_ORIGINS',
  ]) {
    expect(output).toContain(`  ${name}: `);
  }
  expect(output).not.toMatch(/\n\s+at /);
});

test('without its keyring it says how to make one and exits with 1', async () => {
  const child = run({ ...complete(), JWT_KEYS_FILE: 'no-such-file' });
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect(code).toBe(1);
  expect(output).toContain('npm run keys -- init');
});

describe.skipIf(process.platform === 'win32')('one process, from its start to its end', () => {
  let child: Process;
  let url = '';
  const ready = async () => (await fetch(`${url}/readyz`)).json();

  test('a SIGHUP that comes while it starts does not end it', async () => {
    child = run({ ...complete(), SHUTDOWN_DELAY_MS: '500' });
    await withHangUps(child, async () => {
      url = await listening(child);
    });
    await expect.poll(ready, { timeout: 10_000 }).toEqual({ status: 'ready' });
  });

  test('J5: on SIGHUP it takes a new keyring over; one that is damaged makes it degraded, and no more', async () => {
    const keysFile = own['JWT_KEYS_FILE'] ?? '';
    const whole = await readFile(keysFile, 'utf8');
    const store = fileStore(keysFile);

    await writeFile(keysFile, whole.slice(0, 40));
    child.kill('SIGHUP');
    await expect.poll(ready).toMatchObject({ status: 'degraded' });

    await writeFile(keysFile, whole);
    const { ring, revision } = await store.read();
    const other = newRing(new Date());
    await store.replace(revision, { ...ring, next: other.primary }, async () => {});
    child.kill('SIGHUP');
    await expect.poll(ready).toEqual({ status: 'ready' });
    expect(await instances()).toMatchObject([
      { accept_kids: expect.stringContaining(other.primary.kid) },
    ]);
  });

  test('told to stop, it finishes what has begun, lets idle clients go, and exits with 0, whatever SIGHUP comes', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 4 });
    const ask = (path: string) => answerTo(agent, url + path);

    expect(await ask('/readyz')).toMatchObject({ status: 200, connection: 'keep-alive' });
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    await withHangUps(child, async () => {
      await expect.poll(() => ask('/readyz')).toEqual({ status: 503, connection: 'close' });
      expect(await ask('/healthz')).toEqual({ status: 200, connection: 'close' });
      expect(await exit).toEqual([0, null]);
    });
    expect(await instances()).toEqual([]);
    agent.destroy();
  });
});

/** From then on a SIGHUP is the process's own affair; before that Node.js itself comes up. */
async function untilSignalsAreHandled({ pid }: Process): Promise<void> {
  const hangUp = 1n;
  const caught = async (): Promise<boolean> => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    const [, mask = '0'] = /^SigCgt:\s*([\da-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${mask}`) & hangUp) !== 0n;
  };
  await expect.poll(caught, { interval: 1, timeout: 10_000 }).toBe(true);
}

/** Does something while the process gets one SIGHUP after the other; only Linux says from when on it can. */
async function withHangUps(child: Process, work: () => Promise<void>): Promise<void> {
  if (process.platform !== 'linux') return work();
  await untilSignalsAreHandled(child);
  const hangUp = setInterval(() => child.kill('SIGHUP'), 5);
  try {
    await work();
  } finally {
    clearInterval(hangUp);
  }
}

interface Head {
  readonly status: number | undefined;
  readonly connection: string | undefined;
}

function answerTo(agent: Agent, url: string): Promise<Head> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.resume();
      response.once('end', () =>
        resolve({ status: response.statusCode, connection: response.headers.connection }),
      );
    }).once('error', reject);
  });
}
