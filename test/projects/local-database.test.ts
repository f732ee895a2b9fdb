// The private development database of a generated project.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { afterAll, afterEach, describe, expect, test } from 'vitest';

import { countOf, seed } from '../../scripts/lib/counts.ts';
import { query } from '../../scripts/lib/database.ts';
import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { signalGroup } from '../../scripts/lib/process-group.ts';
import { randomFrom } from '../../scripts/lib/random.ts';
import {
  databaseUrl,
  fetched,
  keepPackages,
  makeProject,
  registered,
  run,
  serverProcess,
  serversOf,
  start,
  tidy,
  tidyAll,
} from './support/scratch-project.ts';

afterEach(tidy);
afterAll(tidyAll);

describe('a project without a database', () => {
  test('has one by its first command, with a password that only its owner can read', async () => {
    const folder = makeProject();
    const url = await databaseUrl(folder);
    keepPackages(folder);

    expect(url).toMatch(/^mysql:\/\/app:[\w-]{32}@127\.0\.0\.1:\d+\/app$/);
    await query(url, 'CREATE TABLE kept (id INT)', 'INSERT INTO kept VALUES (1)');
    await query(url, 'CREATE SCHEMA test_some', 'DROP SCHEMA test_some');
    const { password } = new URL(url);
    expect(serversOf(folder)).toHaveLength(1);
    expect(serversOf(folder).join()).not.toContain(password);
    expect(filesWith(password, join(folder, '.shipkit/local/database'))).toEqual([
      'database.json 600',
    ]);
    const asRoot = query(url.replace(/app:[^@]+/, 'root:'), 'SELECT 1');
    await expect(asRoot).rejects.toThrow(/denied for user 'root'@'127\.0\.0\.1'(?! to database)/);

    await run(folder, 'database-stop');
    expect(serversOf(folder)).toEqual([]);
    expect(await databaseUrl(folder)).toBe(url);
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  test('gets one server when many commands start at the same moment', async () => {
    const folder = makeProject();
    const urls = await Promise.all(Array.from({ length: 5 }, () => databaseUrl(folder)));
    expect(new Set(urls).size).toBe(1);
    expect(serversOf(folder)).toHaveLength(1);
  });

  test.runIf(process.getuid?.() === 0)(
    'has one for a user without rights, name or home',
    async () => {
      const folder = makeProject(mkdtempSync(join(tmpdir(), 'a b"c\'d-')));
      const nobody = { uid: 12_345, gid: 12_345 };
      for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        if (!path.startsWith('node_modules')) chownSync(join(folder, path), nobody.uid, nobody.gid);
      }
      chownSync(folder, nobody.uid, nobody.gid);
      const env = cleanEnvironment();
      delete env['HOME'];
      const options = { cwd: folder, env, extendEnv: false, ...nobody };
      const { stdout: url } = await execa(process.execPath, ['dev/database-url.ts'], options);
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      await execa(process.execPath, ['dev/database-stop.ts'], options);
    },
  );

  test('gets the next server when the first that is found cannot be used', async () => {
    const folder = makeProject();
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    writeScript(join(bin, 'mariadbd'), 'echo "mariadbd  Ver 10.3.1-MariaDB"');
    writeScript(
      join(bin, 'mysqld'),
      'case "$*" in *--version) echo "mysqld  Ver 8.4.3 for Linux";; *) echo confined >&2; exit 1;; esac',
    );
    const url = await databaseUrl(folder, { PATH: `${bin}:${process.env['PATH']}` });
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);

    await run(folder, 'database-stop');
    rmSync(join(folder, '.shipkit'), { recursive: true });
    const { exitCode, stderr } = await run(folder, 'database-url', [], { PATH: bin });
    if (!existsSync(fetched)) return; // this machine has a server of its own
    expect(exitCode).toBe(1);
    expect(stderr).toContain('MariaDB 10.3.1 is older than 10.6');
    expect(stderr).toMatch(/MySQL 8\.4\.3 .*: confined/);
    expect(stderr).toContain('there is no docker');
    expect(stderr).toMatch(/Install one with `.+`, or set DATABASE_URL/);
  });
});

describe('the server', () => {
  test('is stopped by the last of its users, whoever asked for its URL meanwhile', async () => {
    const folder = makeProject();
    const script = join(folder, 'wait.js');
    writeFileSync(
      script,
      'console.log(process.env.DATABASE_URL); setInterval(() => undefined, 1000);',
    );
    writeFileSync(join(folder, 'code.js'), 'process.exit(7)');
    const first = start(folder, 'with-database.ts', [script]);
    await first.until(/mysql:/);

    expect((await run(folder, 'with-database', ['code.js'])).exitCode).toBe(7);
    expect(serversOf(folder)).toHaveLength(1);
    const refused = await run(folder, 'database-stop');
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toContain(`(process ${first.pid})`);

    await databaseUrl(folder);
    first.signal('SIGTERM');
    await first.exitCode;
    expect(serversOf(folder)).toEqual([]);
  });

  test('that was started to stay outlives those who use it, until it is stopped', async () => {
    const folder = makeProject();
    writeFileSync(join(folder, 'code.js'), 'process.exit(7)');
    await databaseUrl(folder);
    expect((await run(folder, 'with-database', ['code.js'])).exitCode).toBe(7);
    expect(serversOf(folder)).toHaveLength(1);
    expect((await run(folder, 'database-stop')).exitCode).toBe(0);
    expect(serversOf(folder)).toEqual([]);
  });

  test('is started again, with all its data, after it was killed', async () => {
    const folder = makeProject();
    const url = await databaseUrl(folder);
    await query(url, 'CREATE TABLE kept (id INT)', 'INSERT INTO kept VALUES (1)');
    process.kill(serverProcess(folder), 'SIGKILL');
    expect(await databaseUrl(folder)).toBe(url);
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  test('takes another port when somebody has taken its own', async () => {
    const folder = makeProject();
    const url = await databaseUrl(folder);
    await run(folder, 'database-stop');
    const thief = createServer().listen(Number(new URL(url).port), '127.0.0.1');
    try {
      const other = await databaseUrl(folder);
      expect(new URL(other).port).not.toBe(new URL(url).port);
      expect(await query(other, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      thief.close();
    }
  });

  test('of a copied project is another one; a moved project keeps its own', async () => {
    const original = makeProject();
    const url = await databaseUrl(original);
    await query(url, 'CREATE TABLE origin (name TEXT)', "INSERT INTO origin VALUES ('original')");
    const copy = registered(`${original}-copy`);
    await execa('cp', ['-a', original, copy]);
    const urlOfCopy = await databaseUrl(copy);
    await query(urlOfCopy, "UPDATE origin SET name = 'copy'");
    expect(await query(url, 'SELECT name FROM origin')).toEqual([{ name: 'original' }]);
    await expect(query(urlOfCopy.replace(/:\d+\//, `:${new URL(url).port}/`))).rejects.toThrow(
      /denied/,
    );

    const moved = registered(`${original}-moved`);
    renameSync(original, moved);
    expect(await databaseUrl(moved)).toBe(url);
    expect(await query(url, 'SELECT name FROM origin')).toEqual([{ name: 'original' }]);
    expect(serversOf(original)).toEqual([]);
    expect(serversOf(moved)).toHaveLength(1);
  });

  test('does not disturb the temporary tables of another project', async () => {
    const connection = await createConnection(await databaseUrl(makeProject()));
    try {
      await connection.query('CREATE TEMPORARY TABLE passing (id INT) ENGINE = MyISAM');
      await databaseUrl(makeProject());
      const [dropped] = await connection.query('DROP TEMPORARY TABLE passing');
      expect(dropped).toMatchObject({ warningStatus: 0 });
    } finally {
      await connection.end();
    }
  });

  test('is not started in production', async () => {
    const folder = makeProject();
    const settings = { NODE_ENV: 'production' };
    const { exitCode, stderr } = await run(folder, 'with-database', ['x.js'], settings);
    expect(exitCode).toBe(1);
    expect(stderr).toBe(
      'DATABASE_URL is not set, and in production no private database is started.',
    );
  });
});

describe(`SIGKILL at any moment (SEED=${seed()})`, () => {
  const kills = countOf('KILLS') * 2;
  // Each start makes a database anew, which takes seconds.
  const timeout = 60_000 + kills * 10_000;

  test.for([
    { moment: 'of the first start', again: false },
    { moment: 'of a later start', again: true },
  ])('$moment leaves nothing in the way of the next command', { timeout }, async ({ again }) => {
    const folder = makeProject();
    const random = randomFrom(seed());
    const prepare = async (): Promise<void> => {
      await run(folder, 'database-stop');
      if (!again) rmSync(join(folder, '.shipkit/local/database'), { recursive: true });
    };
    await databaseUrl(folder);
    await prepare();
    const begun = performance.now();
    await databaseUrl(folder);
    const span = performance.now() - begun;
    for (let kill = 0; kill < kills; kill += 1) {
      await prepare();
      const moment = random() * span;
      const victim = start(folder, 'database-url.ts');
      // Every other time with the programs that it runs, as a closed container would.
      const timer = setTimeout(() => {
        if (kill % 2 === 0) victim.signal('SIGKILL');
        else signalGroup(victim.pid, 'SIGKILL');
      }, moment);
      await victim.exitCode;
      clearTimeout(timer);

      const url = await databaseUrl(folder);
      expect(await query(url, 'SELECT 1 AS one'), `after ${moment} ms`).toEqual([{ one: 1 }]);
      expect(serversOf(folder), `after ${moment} ms`).toHaveLength(1);
    }
  });
});

/** The files beside the data that hold a text, with their modes. */
function filesWith(text: string, folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && readFileSync(join(folder, entry.name), 'utf8').includes(text),
    )
    .map(({ name }) => `${name} ${(statSync(join(folder, name)).mode & 0o777).toString(8)}`);
}

function writeScript(file: string, text: string): void {
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}
