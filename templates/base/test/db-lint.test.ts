// npm run db:lint: what a deployment under load does not survive.
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { lintMigrations } from '../src/commands/db-lint/lint.ts';
import { readOrder } from '../src/commands/db-lint/order.ts';
import { runLint } from '../src/commands/db-lint/run-lint.ts';
import { runCommand, runHere } from './support/command.ts';
import { createEmptyDatabase } from './support/database.ts';
import { temporaryFolder } from './support/folder.ts';

const first = [
  'CREATE TABLE `notes` (`id` int NOT NULL, `title` varchar(20), `state` enum("a","b"), `sum` decimal(6,2),',
  "  `body` text NOT NULL, `kind` varchar(20) DEFAULT 'x' NOT NULL, `no` int AUTO_INCREMENT NOT NULL,",
  '  `code` char(36) character set ascii collate ascii_bin NOT NULL,',
  '  CONSTRAINT `notes_id` PRIMARY KEY(`id`));',
].join('\n');

const modifyCode = 'ALTER TABLE notes MODIFY code char';

/** The rules that a migration breaks which comes after the one that makes `notes`. */
function rulesOf(...statements: string[]): string[] {
  const sql = statements.join(';--> statement-breakpoint\n');
  return findingsIn({ '0000.sql': first }, { '0001.sql': sql }).map(({ rule }) => rule);
}

const textsOf = (files: Record<string, string>, released: boolean) =>
  Object.entries(files).map(([file, text]) => ({ file, text, released }));

function findingsIn(released: Record<string, string>, unreleased: Record<string, string>) {
  const migrations = [...textsOf(released, true), ...textsOf(unreleased, false)];
  return lintMigrations(migrations, { oneRelease: true });
}

test.for([
  ['DROP TABLE `notes`;', ['drop-table']],
  ['drop table if exists other, notes', ['drop-table']],
  ['CREATE OR REPLACE TABLE notes (id int)', ['drop-table']],
  ['DROP DATABASE app', ['drop-table']],
  ['DROP TEMPORARY TABLE notes', []],
  ['CREATE OR REPLACE TEMPORARY TABLE notes (id int)', []],
  ['DROP VIEW IF EXISTS v', ['drop-table']],
  ['DROP PROCEDURE p', ['drop-table']],
  ['DROP FUNCTION f', ['drop-table']],
  ['DROP TRIGGER t', ['drop-table']],
  ['OPTIMIZE LOCAL TABLE notes', ['blocks']],
  ['LOCK TABLES notes WRITE', ['blocks']],
  ['UNLOCK TABLES', []],
  ['TABLE notes', []],
  ['TRUNCATE TABLE notes', ['all-rows']],
  ['DELETE FROM notes', ['all-rows']],
  ["UPDATE notes SET title = ' WHERE '", ['all-rows']],
  ['DELETE FROM notes WHERE id IN (SELECT id FROM old)', []],
  ['UPDATE notes SET title = (SELECT a FROM b WHERE c = 1)', ['all-rows']],
  ['RENAME TABLE notes TO pages', ['rename']],
  ['ALTER TABLE notes RENAME TO pages, ALGORITHM=INSTANT', ['rename']],
  ['ALTER TABLE notes RENAME COLUMN title TO name, ALGORITHM=INSTANT', ['rename']],
  ['ALTER TABLE notes CHANGE title name varchar(20), ALGORITHM=INSTANT', ['rename']],
  ['ALTER TABLE notes RENAME INDEX a TO b, ALGORITHM=INSTANT', []],
  ['ALTER TABLE `notes` DROP COLUMN `title`, ALGORITHM=INSTANT;', ['drop-column']],
  ['ALTER TABLE notes DROP `index`, ALGORITHM=INSTANT', ['drop-column']],
  ['ALTER TABLE notes DROP INDEX i, ALGORITHM=INPLACE, LOCK=NONE', []],
  ['ALTER TABLE notes ADD a int NOT NULL, ALGORITHM=INSTANT', ['not-null']],
  ['ALTER TABLE notes ADD (a int, b int NOT NULL), ALGORITHM=INSTANT', ['not-null']],
  ['ALTER TABLE notes ADD a int DEFAULT 1 NOT NULL, ALGORITHM=INSTANT', []],
  ['ALTER TABLE notes ADD a int', ['algorithm']],
  ['ALTER TABLE app.notes ADD a varchar(9) COMMENT ", ALGORITHM=INSTANT"', ['algorithm']],
  ['ALTER TABLE notes ADD a int /* , ALGORITHM=INSTANT */', ['algorithm']],
  ['/*!50100 ALTER TABLE notes DROP title */', ['drop-column', 'algorithm']],
  ['ALTER TABLE notes ADD a int, ALGORITHM=INPLACE', ['algorithm']],
  ['ALTER TABLE notes ADD a int, ALGORITHM = COPY', ['blocks']],
  ['ALTER TABLE notes ADD a int, ALGORITHM=INPLACE, LOCK=SHARED', ['blocks']],
  ['CREATE INDEX i ON notes (title)', ['algorithm']],
  ['CREATE UNIQUE INDEX i ON notes (title) ALGORITHM=INPLACE LOCK=NONE', []],
  ['DROP INDEX i ON notes', []],
  ['ALTER TABLE notes ADD CONSTRAINT f FOREIGN KEY (id) REFERENCES o(id)', ['foreign-key']],
  ['ALTER TABLE notes CONVERT TO CHARACTER SET utf8mb4', ['charset', 'blocks']],
  ['ALTER TABLE notes CONVERT TO CHARACTER SET utf8mb4, ALGORITHM=COPY', ['charset', 'blocks']],
  [`${modifyCode}(36) character set ascii collate ascii_bin NOT NULL, ALGORITHM=INSTANT`, []],
  [`${modifyCode}(36) CHARSET 'ascii' COLLATE ascii_bin NOT NULL, ALGORITHM=INSTANT`, []],
  [`${modifyCode}(36) COLLATE ascii_bin NOT NULL, ALGORITHM=INSTANT`, []],
  [`${modifyCode}(36) NOT NULL, ALGORITHM=INSTANT`, ['charset']],
  [`${modifyCode}(36) character set ascii NOT NULL, ALGORITHM=INSTANT`, ['charset']],
  [`${modifyCode}(36) CHARSET utf8mb4 NOT NULL, ALGORITHM=COPY`, ['charset', 'blocks']],
  ['ALTER TABLE notes MODIFY title varchar(20) CHARSET ascii', ['charset', 'blocks']],
  [`-- db-lint: allow charset: it is ascii\n${modifyCode}(36) NOT NULL`, ['blocks']],
  [
    `-- db-lint: allow charset: it is ascii\n${modifyCode}(9) NOT NULL, LOCK=SHARED`,
    ['narrow', 'blocks'],
  ],
  ['ALTER TABLE notes MODIFY title varchar(10), ALGORITHM=INPLACE, LOCK=NONE', ['narrow']],
  ['ALTER TABLE notes MODIFY title varchar(40), ALGORITHM=INPLACE, LOCK=NONE', []],
  ['ALTER TABLE notes MODIFY title varchar(40)', ['algorithm']],
  ['ALTER TABLE notes MODIFY title varchar(20) NOT NULL, ALGORITHM=INPLACE, LOCK=NONE', ['narrow']],
  ["ALTER TABLE notes MODIFY state enum('b','a'), ALGORITHM=INSTANT", ['narrow']],
  ['ALTER TABLE notes MODIFY state enum("a","b","c"), ALGORITHM=INSTANT', []],
  ['ALTER TABLE notes MODIFY sum decimal(6,3), ALGORITHM=INPLACE, LOCK=NONE', ['narrow']],
  ['ALTER TABLE notes MODIFY sum decimal(8,3), ALGORITHM=INPLACE, LOCK=NONE', []],
  ['ALTER TABLE notes MODIFY id bigint NOT NULL, ALGORITHM=COPY', ['blocks']],
  ['ALTER TABLE notes MODIFY unknown int, ALGORITHM=INSTANT', ['narrow']],
  ['ALTER TABLE notes MODIFY kind varchar(20) NOT NULL, ALGORITHM=INSTANT', ['not-null']],
  ["ALTER TABLE notes MODIFY kind varchar(20) DEFAULT 'y' NOT NULL, ALGORITHM=INSTANT", []],
  ['ALTER TABLE notes MODIFY no bigint NOT NULL, ALGORITHM=COPY', ['not-null', 'blocks']],
  ['ALTER TABLE notes ALTER COLUMN kind DROP DEFAULT, ALGORITHM=INSTANT', ['not-null']],
  ['ALTER TABLE notes ALTER kind DROP DEFAULT', ['not-null', 'algorithm']],
  ["ALTER TABLE notes ALTER kind SET DEFAULT 'y', ALGORITHM=INSTANT", []],
  ["ALTER TABLE notes ADD a int COMMENT 'CHECK STORED'", ['algorithm']],
  ['ALTER TABLE notes ADD a int AS (id + 1) VIRTUAL, ALGORITHM=INSTANT', []],
  ['ALTER TABLE notes ADD a int CHECK (a > 0)', ['blocks']],
  ['ALTER TABLE notes MODIFY title varchar(20) CHECK (title <> ""), ALGORITHM=INSTANT', ['blocks']],
  ['ALTER TABLE notes DROP PRIMARY KEY, ALGORITHM=INPLACE, LOCK=NONE', ['blocks']],
  ['-- db-lint: allow blocks: it is small\nALTER TABLE notes DROP PRIMARY KEY', []],
  ['CREATE TABLE a (id int); CREATE TABLE b (id int)', ['breakpoint']],
  ["INSERT INTO notes VALUES (1, 'a; b'); -- done;", []],
  ['CREATE TRIGGER t AFTER INSERT ON notes FOR EACH ROW BEGIN SELECT 1; SELECT 2; END', []],
] as const)('%s breaks %j', ([sql, broken]) => {
  expect(rulesOf(sql)).toEqual(broken);
});

test('a default that was set or dropped later counts', () => {
  const set = "ALTER TABLE notes ALTER COLUMN body SET DEFAULT ('')";
  const modify = { '2.sql': 'ALTER TABLE notes MODIFY body text NOT NULL, ALGORITHM=INSTANT' };
  const later = (...released: string[]) =>
    findingsIn({ '0.sql': first, '1.sql': released.join(';--> statement-breakpoint\n') }, modify);
  expect(later(set).map(({ rule }) => rule)).toEqual(['not-null']);
  expect(later(set, 'ALTER TABLE notes ALTER body DROP DEFAULT')).toEqual([]);
});

test('a table that the same release makes may be changed in any way', () => {
  const changes = [
    'CREATE TABLE `a` (`id` int NOT NULL, `b_id` int)',
    'ALTER TABLE `a` ADD CONSTRAINT `f` FOREIGN KEY (`b_id`) REFERENCES `notes`(`id`)',
    'CREATE INDEX `i` ON `a` (`b_id`)',
  ].join(';\n--> statement-breakpoint\n');
  const more = { '0002.sql': 'ALTER TABLE a DROP COLUMN b_id' };
  expect(findingsIn({ '0000.sql': first }, { '0001.sql': changes, ...more })).toEqual([]);
});

test('a table that was there is not new by a name or a statement of a new one', () => {
  const drop = 'ALTER TABLE notes DROP title, ALGORITHM=INSTANT';

  expect(rulesOf('CREATE TABLE IF NOT EXISTS notes (id int NOT NULL)', drop)).toEqual([
    'drop-column',
  ]);
  expect(rulesOf('CREATE TEMPORARY TABLE notes (id int)', drop)).toEqual(['drop-column']);
  expect(rulesOf('CREATE TABLE IF NOT EXISTS a (title int)', drop.replace('notes', 'a'))).toEqual(
    [],
  );
  expect(rulesOf('CREATE TABLE a (id int)', 'RENAME TABLE a TO b, notes TO c')).toEqual(['rename']);
  expect(rulesOf('CREATE TABLE a (id int)', 'LOCK TABLES a READ, notes READ')).toEqual(['blocks']);
  // The drop itself is what is told.
  const again = ['DROP TABLE notes', 'CREATE TABLE IF NOT EXISTS notes (id int)'];
  expect(rulesOf(...again, 'ALTER TABLE notes DROP id')).toEqual(['drop-table']);
});

test('what one release adds to a table, and takes from it, is told', () => {
  const add = 'ALTER TABLE notes ADD name varchar(20), ALGORITHM=INSTANT';
  const drop = 'ALTER TABLE notes DROP COLUMN title, ALGORITHM=INSTANT';
  const both = findingsIn({ '0.sql': first }, { '1.sql': add, '2.sql': drop });
  expect(both.map(({ file, rule }) => [file, rule])).toEqual([
    ['2.sql', 'drop-column'],
    ['2.sql', 'same-release'],
  ]);
  const later = findingsIn({ '0.sql': first, '1.sql': add }, { '2.sql': drop });
  expect(later.map(({ rule }) => rule)).toEqual(['drop-column']);
});

test('a finding is allowed by a comment with a reason, in its own statement', () => {
  const drop = 'DROP TABLE notes';
  const allow = '-- db-lint: allow drop-table:';
  expect(rulesOf(`${allow} unused since 3.1\n${drop}`)).toEqual([]);
  expect(rulesOf(`${allow}\n${drop}`)).toEqual(['waiver', 'drop-table']);
  expect(rulesOf(`-- db-lint: allow everything: now\n${drop}`)).toEqual(['waiver', 'drop-table']);
  expect(rulesOf(`SELECT '${allow} x';\n--> statement-breakpoint\n${drop}`)).toEqual([
    'drop-table',
  ]);
});

test('it says where, and what to add', () => {
  const sql = '-- Notes\nSELECT 1;\n--> statement-breakpoint\n\nALTER TABLE notes\n  ADD a int;\n';
  const [found] = findingsIn({ '0000.sql': first }, { '0001.sql': sql });
  expect(found).toMatchObject({
    file: '0001.sql',
    line: 5,
    message: expect.stringContaining(', ALGORITHM=INSTANT'.slice(2)),
    insert: { at: sql.lastIndexOf(';'), text: ', ALGORITHM=INSTANT' },
  });
});

test('what it says to add is what the server takes', async () => {
  const database = await createEmptyDatabase();
  const table =
    'CREATE TABLE a (id INT PRIMARY KEY, b INT, CONSTRAINT f FOREIGN KEY (b) REFERENCES a(id))';
  await database.connection.query(table);
  const changes = [
    'ALTER TABLE a ADD c varchar(20);',
    "ALTER TABLE a ADD d int DEFAULT 1 NOT NULL, ADD e enum('x') AFTER b;",
    'ALTER TABLE a ALTER COLUMN d SET DEFAULT 2;',
    'ALTER TABLE a ALTER COLUMN d DROP DEFAULT;',
    'CREATE UNIQUE INDEX i ON a (c);',
    'ALTER TABLE a ADD g int UNIQUE;',
    'ALTER TABLE a DROP PRIMARY KEY, ADD PRIMARY KEY (d);',
    'ALTER TABLE a DROP INDEX i;',
    'ALTER TABLE a DROP FOREIGN KEY f;',
    'ALTER TABLE a DROP COLUMN c;',
  ];
  for (const sql of changes) {
    const found = findingsIn({}, { '1.sql': sql }).find(({ rule }) => rule === 'algorithm');
    const { at = 0, text = '' } = found?.insert ?? {};
    expect(text).not.toBe('');
    await database.connection.query(sql.slice(0, at) + text + sql.slice(at));
  }
  await database.drop();
});

test('what the server does not do without a copy or a lock is told, with nothing to add', async () => {
  const database = await createEmptyDatabase();
  await database.connection.query(
    'CREATE TABLE a (id INT PRIMARY KEY, b varchar(9), p POINT NOT NULL)',
  );
  const changes = [
    'ALTER TABLE a ADD CONSTRAINT c CHECK (id > 0),',
    'ALTER TABLE a ADD d int AS (id + 1) STORED,',
    'ALTER TABLE a ADD n int AUTO_INCREMENT NOT NULL UNIQUE,',
    'ALTER TABLE a ADD FULLTEXT INDEX f (b),',
    'CREATE FULLTEXT INDEX f ON a (b)',
    'ALTER TABLE a ADD SPATIAL INDEX s (p),',
    'CREATE SPATIAL INDEX s ON a (p)',
    'ALTER TABLE a DROP PRIMARY KEY,',
  ];
  for (const sql of changes) {
    const found = findingsIn({}, { '1.sql': sql });
    expect([sql, found.map(({ rule, insert }) => [rule, insert])]).toEqual([
      sql,
      [['blocks', undefined]],
    ]);
    const ending = sql.endsWith(',')
      ? 'ALGORITHM=INPLACE, LOCK=NONE'
      : 'ALGORITHM=INPLACE LOCK=NONE';
    await expect(database.connection.query(`${sql} ${ending}`)).rejects.toMatchObject({
      errno: expect.toSatisfy((code) => code === 1845 || code === 1846),
    });
  }
  await database.drop();
});

test('what drizzle-kit writes says how it is to be done, and what was there stays', async () => {
  const folder = await temporaryFolder();
  const [old, add] = ['ALTER TABLE a ADD b int;', 'ALTER TABLE a ADD c int;'];
  await writeFile(join(folder, '0.sql'), old);
  const complete = pathToFileURL(join(import.meta.dirname, '../src/commands/db-lint/complete.ts'));
  const script = `
    import { writeFileSync } from 'node:fs';
    import { completeNewMigrations } from ${JSON.stringify(complete.href)};
    const folder = ${JSON.stringify(folder)};
    completeNewMigrations(folder);
    writeFileSync(folder + '/1.sql', ${JSON.stringify(add)});
    process.exit();`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script]);
  expect(await readFile(join(folder, '0.sql'), 'utf8')).toBe(old);
  expect(await readFile(join(folder, '1.sql'), 'utf8')).toBe(
    'ALTER TABLE a ADD c int, ALGORITHM=INSTANT;',
  );
});

test("the project's own migrations pass", async () => {
  expect(await runCommand('db-lint.ts', [], {})).toEqual({
    code: 0,
    output: expect.stringMatching(/^Nothing in \d+ migrations\.\n$/),
    errors: '',
  });
});

test('what is released is what a git ref has', async () => {
  const folder = await temporaryFolder();
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args]);
  await mkdir(join(folder, 'migrations'));
  await writeFile(join(folder, 'migrations', '0.sql'), 'DROP TABLE old');
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=x', '-c', 'user.email=x@example.com', 'commit', '--quiet', '-m', 'x');
  await writeFile(join(folder, 'migrations', '1.sql'), 'ALTER TABLE notes ADD a int');
  const run = (...args: string[]) => runHere((print) => runLint(readOrder(args), folder, print));

  expect(await run('--since', 'HEAD')).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^migrations\/1\.sql:1: algorithm: .*\n$/),
  });
  expect((await run('--since', '0'.repeat(40))).output).toMatch(
    /^migrations\/0\.sql:1: drop-table/,
  );
  expect(await run('--since', 'nowhere')).toMatchObject({ code: 3, output: '' });
});

test.for(['now', '--since', '--since=--output=x', '--fix'])(
  'the arguments “%s” are a sentence and exit code 2',
  (args) => {
    expect(() => readOrder(args.split(' '))).toThrow(/Usage/);
  },
);
