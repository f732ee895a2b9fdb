import { describe, expect, test } from 'vitest';
import { migrationFor, tablesIn } from '../../src/render/migration.ts';

const breakpoint = '\n--> statement-breakpoint\n';
const statements = {
  accounts: 'CREATE TABLE `accounts` (\n\t`id` binary(16) NOT NULL\n);',
  users: 'CREATE TABLE `users` (\n\t`id` binary(16) NOT NULL\n);',
  jobs: 'CREATE TABLE `jobs` (\n\t`id` binary(16) NOT NULL\n);',
  usersToAccounts:
    'ALTER TABLE `users` ADD CONSTRAINT `u_fk` FOREIGN KEY (`a`) REFERENCES `accounts`(`id`) ON DELETE cascade;',
  jobsToUsers:
    'ALTER TABLE `jobs` ADD CONSTRAINT `j_fk` FOREIGN KEY (`u`) REFERENCES `users`(`id`);',
  jobsIndex: 'CREATE INDEX `due` ON `jobs` (`due_at`);',
  usersIndex: 'CREATE UNIQUE INDEX `mail` ON `users` (`email`);',
};
const tables = Object.fromEntries(['accounts', 'users', 'jobs'].map((name) => [name, { name }]));
const full = {
  sql: Object.values(statements).join(breakpoint),
  snapshot: {
    dialect: 'mysql',
    tables,
    _meta: { schemas: {}, tables: {}, columns: { '"jobs"."a"': '"jobs"."b"', '"users"."c"': 'd' } },
  },
  journal: { entries: [] },
};

describe('the part of a migration', () => {
  test('has the tables asked for, their keys and indexes, in their order', () => {
    const part = migrationFor(new Set(['users', 'accounts']), full);
    expect(part.sql.split(breakpoint)).toEqual([
      statements.accounts,
      statements.users,
      statements.usersToAccounts,
      statements.usersIndex,
    ]);
    expect(Object.keys(part.snapshot['tables'] ?? {})).toEqual(['accounts', 'users']);
    expect(part.snapshot['_meta']).toEqual({
      schemas: {},
      tables: {},
      columns: { '"users"."c"': 'd' },
    });
  });

  test('of everything is everything', () => {
    expect(migrationFor(new Set(Object.keys(tables)), full)).toEqual(full);
  });

  test('cannot have a key to a table that is not there', () => {
    expect(() => migrationFor(new Set(['jobs', 'accounts']), full)).toThrow(
      'jobs has a foreign key to users, which is not there.',
    );
  });

  test('cannot have a table that the full one does not make', () => {
    expect(() => migrationFor(new Set(['plans']), full)).toThrow('does not make plans');
  });

  test('cannot have a statement of which nobody knows whose it is', () => {
    const odd = { ...full, sql: `${full.sql}${breakpoint}CREATE VIEW \`v\` AS SELECT 1;` };
    expect(() => migrationFor(new Set(['users', 'accounts']), odd)).toThrow('CREATE VIEW');
  });
});

test('the tables of a project are those that its models define', () => {
  const source = "mysqlTable('users', {});\nmysqlTable(\n  'refresh_tokens',\n  {},\n);";
  expect(tablesIn(source)).toEqual(['users', 'refresh_tokens']);
});
