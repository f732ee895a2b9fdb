// What the app's own user may do to the audit log, where another one migrates.
import { randomBytes } from 'node:crypto';
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { giveAppRights } from '../src/commands/migrate/app-rights.ts';
import { runCommand, runHere, type Ran } from './support/command.ts';
import { createTestDatabase, type TestDatabase } from './support/database.ts';
import { startService } from './support/service.ts';

const mayMakeUsers = await canMakeUsers();

let database: TestDatabase;
let users: string[];

beforeEach(async () => {
  database = await createTestDatabase();
  users = [];
});
afterEach(async () => {
  for (const user of users) await database.connection.query(`DROP USER '${user}'@'%'`);
  await database.drop();
});

/** Makes a user of the server, and gives the URL by which it comes to the database. */
async function addUser(): Promise<{ url: string; user: string }> {
  const user = `test_${randomBytes(6).toString('hex')}`;
  const password = randomBytes(12).toString('hex');
  await database.connection.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
  users.push(user);
  return { user, url: Object.assign(new URL(database.url), { username: user, password }).href };
}

/** The account of the tests may be one that makes schemas and no users. */
async function canMakeUsers(): Promise<boolean> {
  const [rows] = await asUser(inject('databaseServer'), (connection) =>
    connection.query<RowDataPacket[]>('SHOW GRANTS'),
  );
  return rows.some((row) =>
    /(?:ALL PRIVILEGES|CREATE USER).* ON \*\.\* .*WITH GRANT OPTION/.test(
      String(Object.values(row)[0]),
    ),
  );
}

const schemaOf = ({ url }: { url: string }) => new URL(url).pathname.slice(1);

async function give(app: string, owner = database.url): Promise<Ran> {
  const connection = await createConnection({ uri: owner });
  try {
    let warned = '';
    const ran = await runHere((print) =>
      giveAppRights(connection, { app, owner }, print, (sentence) => void (warned += sentence)),
    );
    return { ...ran, errors: ran.errors + warned };
  } finally {
    await connection.end();
  }
}

async function asUser<T>(url: string, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: url });
  try {
    return await work(connection);
  } finally {
    await connection.end();
  }
}

const refused = [
  "UPDATE audit_log SET actor = 'user:9'",
  'DELETE FROM audit_log',
  'REPLACE INTO audit_log (id, at, actor, action, hash) VALUES (1, UTC_TIMESTAMP(3), 0, 0, 0)',
  'TRUNCATE TABLE audit_log',
  'DROP TABLE audit_log',
  'ALTER TABLE audit_log DROP COLUMN actor',
  'RENAME TABLE audit_log TO audit_log_2',
  'DELETE FROM audit_head',
  'TRUNCATE TABLE audit_head',
  'DROP TABLE audit_head',
  'UPDATE schema_migrations SET done = 0',
];

describe.skipIf(!mayMakeUsers)('where the app has a user of its own', () => {
  test('A6: the app cannot change or remove what it has recorded, and does its work', async () => {
    const { url, user } = await addUser();
    expect(await give(url)).toMatchObject({
      code: 0,
      output: expect.stringMatching(`^Gave ${user} its rights on \\d+ tables\\.\n$`),
      errors: '',
    });

    const service = await startService({ ...database, url });
    const registered = await service.post('/v1/auth/register', {
      email: 'ada@example.com',
      password: 'correct horse battery staple',
    });
    const ready = await service.get('/readyz');
    await service.stop();
    expect([registered.status, ready.status]).toEqual([201, 200]);

    await asUser(url, async (connection) => {
      for (const statement of refused) {
        await expect(connection.query(statement)).rejects.toMatchObject({ errno: 1142 });
      }
    });
    const [rows] = await database.connection.query<RowDataPacket[]>('SELECT action FROM audit_log');
    expect(rows).toContainEqual({ action: 'user.registered' });
  });

  test('rights that were given are not given again; those on a new table are', async () => {
    const { url } = await addUser();
    await give(url);
    expect(await give(url)).toEqual({ code: 0, output: '', errors: '' });
    await database.connection.query('CREATE TABLE fresh (id INT)');
    expect(await give(url)).toMatchObject({ output: expect.stringMatching(/ on 1 table\.\n$/) });
    await expect(
      asUser(url, (connection) => connection.query('INSERT INTO fresh VALUES (1)')),
    ).resolves.toBeDefined();
  });

  describe('a right on the whole database would let the app change its audit log', () => {
    const rights = {
      'ALL PRIVILEGES': ['ALL PRIVILEGES'],
      'SELECT, INSERT, UPDATE, DELETE, EXECUTE': ['UPDATE', 'DELETE'],
    };

    test.for(Object.entries(rights))('it is said how to take away %s', async ([given, taken]) => {
      const { url, user } = await addUser();
      const scope = `\`${schemaOf(database).replaceAll('_', String.raw`\_`)}\`.*`;
      await database.connection.query(`GRANT ${given} ON ${scope} TO '${user}'@'%'`);
      const { code, errors } = await give(url);
      expect(code).toBe(0);
      const [revoke = ''] = /REVOKE .*;/.exec(errors) ?? [];
      for (const right of taken) expect(revoke).toContain(right);
      expect(revoke).not.toMatch(/SELECT|INSERT|EXECUTE/);

      await database.connection.query(revoke.replace(/;$/, ''));
      expect(await give(url)).toEqual({ code: 0, output: '', errors: '' });
      await asUser(url, async (connection) => {
        for (const statement of refused) {
          await expect(connection.query(statement)).rejects.toMatchObject({ errno: 1142 });
        }
        await connection.query('SELECT * FROM users');
      });
    });

    test('so would one on the table itself, or on all databases', async () => {
      const { url, user } = await addUser();
      await database.connection.query(`GRANT DELETE ON *.* TO '${user}'@'%'`);
      await database.connection.query(`GRANT UPDATE ON audit_log TO '${user}'@'%'`);
      const { errors } = await give(url);
      expect(errors).toContain(`REVOKE DELETE ON *.* FROM '${user}'@'%';`);
      expect(errors).toContain(
        `REVOKE UPDATE ON \`${schemaOf(database)}\`.\`audit_log\` FROM '${user}'@'%';`,
      );
    });
  });

  describe('where the user that migrates may not give rights', () => {
    test('the statements are said that do it, with exit code 3, and they do', async () => {
      const [app, owner] = [await addUser(), await addUser()];
      await database.connection.query(
        `GRANT ALL PRIVILEGES ON ${schemaOf(database)}.* TO '${owner.user}'@'%'`,
      );
      const { code, errors } = await runCommand('migrate.ts', [], {
        DATABASE_URL: app.url,
        MIGRATION_DATABASE_URL: owner.url,
      });
      expect(code).toBe(3);
      const statements = [...errors.matchAll(/^ {2}(GRANT .*);$/gm)].map(([, one = '']) => one);
      expect(statements).toContain(
        `GRANT SELECT, INSERT ON \`${schemaOf(database)}\`.\`audit_log\` TO '${app.user}'@'%'`,
      );
      for (const statement of statements) await database.connection.query(statement);
      expect(await give(app.url, owner.url)).toEqual({ code: 0, output: '', errors: '' });
    });

    test('an app that can work goes on to, and is told what it has too much of', async () => {
      const [app, owner] = [await addUser(), await addUser()];
      for (const { user } of [app, owner]) {
        await database.connection.query(
          `GRANT ALL PRIVILEGES ON ${schemaOf(database)}.* TO '${user}'@'%'`,
        );
      }
      const { code, output, errors } = await give(app.url, owner.url);
      expect([code, output]).toEqual([0, '']);
      expect(errors).toMatch(/GRANT SELECT, INSERT ON .*audit_log(.|\n)*REVOKE ALL PRIVILEGES ON/);
    });
  });

  test('nothing is done where one user serves both URLs, or one of them is not set', async () => {
    const { url } = await addUser();
    const before = await database.connection.query('SHOW GRANTS');
    expect(await give(database.url)).toEqual({ code: 0, output: '', errors: '' });
    const urls = [
      { app: undefined, owner: database.url },
      { app: url, owner: undefined },
    ];
    const told: string[] = [];
    const tell = (sentence: string): void => void told.push(sentence);
    for (const each of urls) await giveAppRights(database.connection, each, tell, tell);
    expect(told).toEqual([]);
    await expect(createConnection({ uri: url })).rejects.toMatchObject({ errno: 1044 });
    expect((await database.connection.query('SHOW GRANTS'))[0]).toEqual(before[0]);
  });

  test('a user that is not there, or another database, is a sentence and exit code 3', async () => {
    const { url } = await addUser();
    const [stranger, elsewhere] = [new URL(url), new URL(url)];
    stranger.password = 'wrong';
    elsewhere.pathname = '/mysql';
    expect(await give(stranger.href)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('CREATE USER'),
    });
    expect(await give(elsewhere.href)).toMatchObject({
      code: 3,
      errors: expect.stringContaining('different databases'),
    });
  });
});
