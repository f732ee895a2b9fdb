// A database server in Docker, for a machine that has no other.
import { randomUUID } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findPort, isFree } from '../ports.ts';
import { say } from '../progress.ts';
import { run } from '../run.ts';
import { accountStatements, waitForAnswer } from './connection.ts';
import { writeRecord } from './record.ts';
import type { DatabaseRecord } from './record.ts';

const image = 'mariadb:10.11';

/** The version of the Docker that answers; throws what it says if none does. */
export async function dockerVersion(signal: AbortSignal | undefined): Promise<string> {
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], { signal });
  return version.trim();
}

/**
 * Starts the container and waits until the database answers. Its data is a volume of the same
 * name, which outlives it.
 */
export async function startContainer(
  home: string,
  record: DatabaseRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  record.container ??= containerName(home);
  if (!(await isFree(record.port))) record.port = await findPort();
  writeRecord(home, record);
  const { container, port } = record;
  const isUp = (): Promise<boolean> => isContainerUp(container);
  await remove(container); // what a start that was killed has left

  say(`starting ${image} in Docker (fetched once, about 120 MB) …`);
  try {
    await run('docker', runArguments(container, port), { signal });
    await makeAccount(container, record, isUp, signal);
    await waitForAnswer(record, isUp, signal);
  } catch (error) {
    await remove(container);
    throw error;
  }
  record.madeBy = 'Docker';
  record.running = { container };
  writeRecord(home, record);
}

export async function isContainerUp(container: string): Promise<boolean> {
  const names = ['ps', '--filter', `name=^${container}$`, '--format', '{{.Names}}'];
  return (await run('docker', names)).trim() === container;
}

export async function stopContainer(container: string): Promise<void> {
  await run('docker', ['stop', container]);
}

async function remove(container: string): Promise<void> {
  await run('docker', ['rm', '--force', container]);
}

function containerName(home: string): string {
  const project = basename(resolve(home, '../../..')).replaceAll(/[^a-z0-9_.-]/gi, '-');
  return `${project}-database-${randomUUID().slice(0, 8)}`;
}

function runArguments(container: string, port: number): string[] {
  return [
    'run',
    '--detach',
    '--rm',
    `--name=${container}`,
    `--publish=127.0.0.1:${port}:3306`,
    `--volume=${container}:/var/lib/mysql`,
    // Only inside the container, where nobody comes who may not use this machine's Docker.
    '--env=MARIADB_ALLOW_EMPTY_ROOT_PASSWORD=1',
    '--env=MARIADB_ROOT_HOST=localhost',
    image,
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--max-connections=300',
  ];
}

async function makeAccount(
  container: string,
  record: DatabaseRecord,
  isUp: () => Promise<boolean>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const input = accountStatements(record, '%');
  const deadline = performance.now() + 120_000;
  for (;;) {
    try {
      await run('docker', ['exec', '--interactive', container, 'mariadb'], { input, signal });
      return;
    } catch (error) {
      // Until its data is made the server in it does not answer, and there is no event for that.
      if (!(await isUp()) || performance.now() > deadline) throw error;
      await delay(250, undefined, { signal });
    }
  }
}
