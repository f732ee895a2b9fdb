import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { BackupServer } from '../../scripts/lib/backup-server.ts';

let server: BackupServer;

beforeEach(async ({ skip }) => {
  if (process.platform !== 'linux') skip('The scripts are for Linux.');
  server = await BackupServer.start({ folder: mkdtempSync(join(tmpdir(), 'backup-')) });
  await server.app(
    `CREATE TABLE notes (id INT PRIMARY KEY AUTO_INCREMENT, body VARCHAR(99) NOT NULL, hash BINARY(4))`,
    `CREATE TABLE marks (note INT NOT NULL, FOREIGN KEY (note) REFERENCES notes (id))`,
    `CREATE VIEW short AS SELECT id FROM notes WHERE LENGTH(body) < 3`,
    `CREATE TRIGGER marked AFTER INSERT ON notes FOR EACH ROW INSERT INTO marks VALUES (NEW.id)`,
    `INSERT INTO notes (body, hash) VALUES ('größer', 0x00ff27c3), ('line\nbreak', 0x5c5c0a1a), ('', NULL)`,
  );
});

afterEach(async () => {
  await server.kill();
  rmSync(server.folder, { recursive: true, force: true });
});

test('after the loss of the disk, everything up to a second is restored, and nothing after it', async () => {
  await backUp('--full');
  await server.app(
    `INSERT INTO notes (body) VALUES ('after the dump')`,
    `CREATE TABLE late (id INT PRIMARY KEY)`,
    `GRANT SELECT ON late TO 'app'@'localhost'`,
    `INSERT INTO late VALUES (1), (2)`,
  );
  const before = await checksums();
  const moment = await nextSecond();
  await server.app(`DELETE FROM marks`, `DROP TABLE late`);
  await backUp();
  // One that begins too late for it.
  await backUp('--full');

  await server.loseData();
  await server.sql(`CREATE USER 'app'@'localhost'`);
  expect(await restore('latest', '--to', moment)).toMatchObject({ exitCode: 0 });

  expect(await checksums()).toEqual(before);
  const names = await server.sql(
    `SELECT TABLE_NAME AS name FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'app' UNION ALL
     SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'app'`,
  );
  expect(names).toEqual([{ name: 'short' }, { name: 'marked' }]);
});

test('into another database, without a time, all that was backed up is restored', async () => {
  await backUp('--full');
  await server.app(
    `INSERT INTO notes (body) VALUES ('after the dump')`,
    `CREATE TABLE late (id INT PRIMARY KEY)`,
    `INSERT INTO late VALUES (1), (2)`,
  );
  const before = await checksums();
  await backUp();

  expect(await restore('latest', '--into', 'copy')).toMatchObject({ exitCode: 0 });

  expect(await checksums('copy')).toEqual(before);
  expect(await checksums()).toEqual(before);
});

test('a database that has tables is not touched without --force', async () => {
  await backUp('--full');
  const before = await checksums();
  await server.app(`INSERT INTO notes (body) VALUES ('since')`);

  const refused = await restore('latest');
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stderr).toMatch(/has 3 tables/);
  expect(await checksums()).not.toEqual(before);

  expect(await restore('latest', '--force')).toMatchObject({ exitCode: 0 });
  expect(await checksums()).toEqual(before);
});

const damages: [string, (backup: string) => void | Promise<void>][] = [
  ['a dump that is cut off', (backup: string) => cutOff(join(backup, 'dump.sql.zst.age'))],
  ['one whose checksum was made to fit', cutOffAndFit],
  ['a byte that differs', (backup: string) => flip(join(backup, 'dump.sql.zst.age'))],
  ['a byte of the state', (backup: string) => flip(join(backup, 'state.tar.zst.age'))],
  ['a byte of a binlog', (backup: string) => flip(firstBinlog(backup))],
  ['a missing binlog', (backup: string) => rmSync(firstBinlog(backup))],
  ['a binlog that nobody knows of any more', forgetBinlog],
  ['other counts', (backup: string) => writeFileSync(join(backup, 'counts'), 'notes\t0\n')],
];

test.each(damages)(
  '%s is noticed, before anything is restored and by the weekly check',
  async (_, damage) => {
    await backUp('--full');
    await server.app(`INSERT INTO notes (body) VALUES ('after the dump')`);
    await backUp();
    await damage(newest());

    const restored = await restore('latest', '--into', 'copy');
    expect(restored.exitCode, restored.all).toBe(1);
    expect(restored.stderr).toMatch(/is damaged/);
    expect(await server.sql(`SHOW DATABASES LIKE 'copy'`)).toEqual([]);
    const checked = await server.script('restore-check.sh');
    expect(checked.exitCode, checked.all).toBe(1);
    expect(existsSync(join(server.backups, 'last-good-restore'))).toBe(false);
  },
);

test('the weekly check restores into a server of its own, and counts what was written meanwhile', async () => {
  const writing = keepWriting();
  await backUp('--full');
  await writing.stop();

  const checked = await server.script('restore-check.sh');
  expect(checked.exitCode, checked.all).toBe(0);
  expect(checked.stdout).toMatch(/2 tables have all their rows/);
  expect(readFileSync(join(server.backups, 'last-good-restore'), 'utf8')).toMatch(/^20\d\d-/);
});

test('the weekly check notices rows that the backup does not restore', async () => {
  await backUp('--full');
  const backup = newest();
  writeFileSync(join(backup, 'counts'), 'marks\t3\nnotes\t4\n');
  await fitChecksums(backup);

  const checked = await server.script('restore-check.sh');
  expect(checked.exitCode).toBe(1);
  expect(checked.stderr).toMatch(/< notes\t4[^]*> notes\t3/);
});

test('a backup that nobody has restored for eight days is a fault', async () => {
  await backUp('--full');
  const old = join(server.backups, '2020-01-01T030000Z');
  await server.run('cp', '-r', newest(), old);
  await server.run('touch', '-d', '-9 days', old);
  const at = join(old, 'about');
  // Not so old that it is pruned.
  writeFileSync(at, readFileSync(at, 'utf8').replace(/STARTED=.*/, `STARTED=${daysAgo(9)}`));

  await nextSecond();
  const late = await server.script('backup.sh', '--full');
  expect(late.exitCode).toBe(3);
  expect(late.stderr).toMatch(/No backup has been restored for more than 8 days/);

  expect(await server.script('restore-check.sh')).toMatchObject({ exitCode: 0 });
  await nextSecond();
  await backUp('--full');
});

test('nobody reads a backup without its key, and another key opens none', async () => {
  await server.app(`INSERT INTO notes (body) VALUES ('a-canary-in-the-dump')`);
  writeFileSync(join(server.config, 'credentials/KEYRING_SECRET'), 'a-canary-in-the-state');
  await backUp('--full');
  await backUp();
  for (const file of readdirSync(server.backups, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    expect(readFileSync(path, 'latin1'), path).not.toContain('a-canary');
    expect(await server.run('stat', '-c', '%a', path), path).toBe('600');
  }

  const other = join(server.folder, 'other');
  await server.run('age-keygen', '-o', other);
  const refused = await restore('latest', '--into', 'copy', '--identity', other);
  expect(refused).toMatchObject({ exitCode: 1 });

  const state = join(server.folder, 'state');
  expect(await restore('latest', '--state', state)).toMatchObject({ exitCode: 0 });
  const secret = readFileSync(join(state, 'credentials_KEYRING_SECRET'), 'utf8');
  expect(secret).toBe('a-canary-in-the-state');
  expect(readdirSync(state).filter((name) => name.startsWith('backup_'))).toEqual([]);
});

test('binlogs that the server has removed, or another server, mean a fresh dump', async () => {
  await backUp('--full');
  const [first] = folders();
  await server.sql('FLUSH BINARY LOGS', 'FLUSH BINARY LOGS');
  const [last] = await server.sql('SHOW MASTER STATUS');
  const purge = `PURGE BINARY LOGS TO '${String(last?.['File'])}'`;
  // The server removes none that it still sends to whoever has just copied it.
  await expect.poll(() => server.sql(purge, 'SHOW BINARY LOGS')).toHaveLength(1);
  await nextSecond();
  await backUp();
  expect(folders()).toHaveLength(2);
  expect(folders()[0]).toBe(first);

  await backUp();
  expect(folders()).toHaveLength(2);
  await nextSecond();
  await server.sql('SET GLOBAL server_id = 99');
  await backUp();
  expect(folders()).toHaveLength(3);
});

test.each([
  [[], /^Usage/],
  [['latest', '--to', 'yesterday'], /--to is a time in UTC/],
  [['latest', '--to', '2026-02-30 12:00:00'], /--to is a time in UTC/],
  [['latest', '--into', 'a; DROP'], /--into is the name of a database/],
  [['../elsewhere'], /There is no backup/],
  [['latest', '--what'], /^Usage/],
])('bad arguments %s are one sentence, and exit code 2', async (args, sentence) => {
  await backUp('--full');
  const refused = await server.script('restore.sh', ...args);
  expect(refused.exitCode, refused.all).toBe(2);
  expect(refused.stderr).toMatch(sentence);
});

test('a time that the backup does not reach is refused', async () => {
  await backUp('--full');
  const refused = await restore('latest', '--to', '2099-01-01 00:00:00', '--into', 'copy');
  expect(refused).toMatchObject({ exitCode: 3 });
  expect(refused.stderr).toMatch(/take another backup, or another time/);
});

test('a backup that fails leaves no half of itself, and the next one succeeds', async () => {
  const recipient = join(server.config, 'backup/recipient');
  renameSync(recipient, `${recipient}.away`);
  expect((await server.script('backup.sh', '--full')).exitCode).not.toBe(0);
  expect(readdirSync(server.backups).filter((name) => name !== '.lock')).toEqual([]);

  renameSync(`${recipient}.away`, recipient);
  await backUp('--full');
});

async function backUp(...args: string[]): Promise<void> {
  const { exitCode, all } = await server.script('backup.sh', ...args);
  expect(exitCode, all).toBe(0);
}

function restore(...args: string[]) {
  return server.script('restore.sh', '--client', server.administrator, ...args);
}

const folders = (): string[] => readdirSync(server.backups).filter((name) => name.startsWith('2'));
const newest = (): string => join(server.backups, folders().toSorted().at(-1) ?? '');

function firstBinlog(backup: string): string {
  const names = readdirSync(join(backup, 'binlogs')).filter((name) => name.endsWith('.age'));
  return join(backup, 'binlogs', names.toSorted()[0] ?? '');
}

async function checksums(database = 'app'): Promise<unknown[]> {
  const tables = await server.sql(
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = '${database}' AND TABLE_TYPE = 'BASE TABLE' ORDER BY 1`,
  );
  const list = tables.map(({ name }) => `${database}.${String(name)}`);
  const rows = await server.sql(`CHECKSUM TABLE ${list.join(', ')}`);
  return rows.map(({ Table, Checksum }) => [String(Table).replace(/.*\./, ''), Checksum]);
}

/** Waits until the database's clock has passed into another second. @returns that second */
async function nextSecond(): Promise<string> {
  const [row] = await server.sql(
    'SELECT DATE_FORMAT(UTC_TIMESTAMP() + INTERVAL 1 SECOND, "%Y-%m-%d %T") AS at, 1 - MICROSECOND(NOW(6)) / 1e6 AS rest',
  );
  await setTimeout(Number(row?.['rest']) * 1000 + 20);
  return String(row?.['at']);
}

const daysAgo = (days: number): string =>
  new Date(Date.now() - days * 86_400_000).toISOString().replace(/\.\d+/, '');

function cutOff(file: string): void {
  truncateSync(file, readFileSync(file).length - 40);
}

async function cutOffAndFit(backup: string): Promise<void> {
  cutOff(join(backup, 'dump.sql.zst.age'));
  await fitChecksums(backup);
}

async function fitChecksums(backup: string): Promise<void> {
  const sums = 'cd "$0" && sha256sum $(sed "s/.* //" SHA256SUMS) > fit && mv fit SHA256SUMS';
  await server.run('sh', '-c', sums, backup);
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  const middle = Math.trunc(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
  writeFileSync(file, bytes);
}

function forgetBinlog(backup: string): void {
  const sums = join(backup, 'binlogs/SHA256SUMS');
  const [, ...rest] = readFileSync(sums, 'utf8').split('\n');
  writeFileSync(sums, rest.join('\n'));
}

function keepWriting() {
  const ending = new AbortController();
  const done = (async () => {
    while (!ending.signal.aborted) {
      await server.app(`INSERT INTO notes (body) VALUES ('meanwhile')`);
    }
  })();
  return {
    stop: async (): Promise<void> => {
      ending.abort();
      await done;
    },
  };
}
