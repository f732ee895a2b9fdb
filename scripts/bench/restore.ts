import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { BackupServer } from '../lib/backup-server.ts';
import type { Stages } from '../lib/stage.ts';
import { type Figure, atMost, times } from './figure.ts';

const rows = 2 ** 20;
const rowBytes = 1000;

/**
 * Time in which restore.sh brings back a database of 1 GB, decrypted, checked and with its binlog,
 * beside that of its bare dump piped into the client by hand.
 */
export async function measureRestore(stages: Stages): Promise<Figure[]> {
  if (process.platform !== 'linux') return [];
  const folder = mkdtempSync(join(tmpdir(), 'restore-'));
  const server = await BackupServer.start({ folder, options: ['--innodb-buffer-pool-size=1G'] });
  try {
    await stages.run('Filling a database with 1 GB', () => fill(server));
    const backedUp = await stages.run('Backing it up', () =>
      timeOf(() => script(server, 'backup.sh', '--full')),
    );
    const byHand = await stages.run('Restoring it by hand', () => restoreByHand(server));
    const restored = await stages.run('Restoring it', () => timeOf(() => restore(server)));
    return [
      {
        ...atMost('a restore of 1 GB', restored / byHand, 1.5, times),
        detail: `${seconds(restored)}, its bare dump by hand ${seconds(byHand)}, its backup ${seconds(backedUp)}`,
      },
    ];
  } finally {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Rows as an app has them: half of each does not compress. */
async function fill(server: BackupServer): Promise<void> {
  const half = rowBytes / 2;
  const random = Array.from(
    { length: Math.ceil(half / 128) },
    (_, n) => `SHA2(RAND() + ${n}, 512)`,
  );
  const body = `CONCAT(LEFT(CONCAT(${random.join(', ')}), ${half}), REPEAT('text ', ${half / 5}))`;
  await server.app(
    'SET SESSION sql_log_bin = 0',
    'CREATE TABLE notes (id INT UNSIGNED PRIMARY KEY, owner INT UNSIGNED NOT NULL, body VARCHAR(2000) NOT NULL, KEY (owner))',
    `INSERT INTO notes SELECT seq, seq * 7919 % 10007, ${body} FROM seq_1_to_${rows}`,
  );
}

async function restoreByHand(server: BackupServer): Promise<number> {
  const file = join(server.folder, 'dump.sql');
  const connection = `--defaults-file=${server.administrator}`;
  await server.run(
    'sh',
    '-c',
    `mariadb-dump "$0" --single-transaction app > "$1"`,
    connection,
    file,
  );
  await server.sql('CREATE DATABASE by_hand CHARACTER SET utf8mb4');
  const took = await timeOf(() =>
    server.run('sh', '-c', 'mariadb "$0" by_hand < "$1"', connection, file),
  );
  await server.sql('DROP DATABASE by_hand');
  rmSync(file);
  return took;
}

function restore(server: BackupServer): Promise<void> {
  return script(server, 'restore.sh', 'latest', '--into', 'copy', '--client', server.administrator);
}

/** @throws Error with its output if it failed */
async function script(server: BackupServer, name: string, ...args: string[]): Promise<void> {
  const { exitCode, all } = await server.script(name, ...args);
  if (exitCode !== 0) throw new Error(`${name} failed: ${all}`);
}

/** Milliseconds. */
async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(0)} s`;
