import { expect, test } from 'vitest';
import { withDropsInOrder } from '../../src/project/drop-order.ts';

/** A snapshot in which each table refers to others. */
const snapshotOf = (references: Record<string, string[]>) => ({
  tables: Object.fromEntries(
    Object.entries(references).map(([name, to]) => [
      name,
      { name, foreignKeys: Object.fromEntries(to.map((tableTo) => [tableTo, { tableTo }])) },
    ]),
  ),
});

const sqlOf = (...statements: string[]) => statements.join('--> statement-breakpoint\n');

test('a table is dropped after those that refer to it', () => {
  const snapshot = snapshotOf({ a: [], b: ['a', 'b'], c: ['a'], d: ['c', 'x'], x: [] });
  const sql = sqlOf('DROP TABLE `a`;', 'DROP TABLE `b`;', 'DROP TABLE `c`;', 'DROP TABLE `d`;');
  expect(withDropsInOrder(sql, snapshot)).toBe(
    sqlOf('DROP TABLE `b`;', 'DROP TABLE `d`;', 'DROP TABLE `c`;', 'DROP TABLE `a`;'),
  );
});

test('what is no drop stays where it is, and what needs no other order as it is', () => {
  const snapshot = snapshotOf({ a: [], b: ['a'], c: [] });
  const other = 'ALTER TABLE `c` ADD `x` int;';
  expect(withDropsInOrder(sqlOf('DROP TABLE `a`;', other, 'DROP TABLE `b`;'), snapshot)).toBe(
    sqlOf('DROP TABLE `b`;', other, 'DROP TABLE `a`;'),
  );
  const sql = sqlOf('DROP TABLE `b`;', 'DROP TABLE `c`;', 'DROP TABLE `a`;\n');
  expect(withDropsInOrder(sqlOf('DROP TABLE `a`;'), snapshot)).toBe('DROP TABLE `a`;');
  expect(withDropsInOrder(sql, snapshot)).toBe(sql.trim());
});

test('tables that refer to each other in a circle keep their order', () => {
  const sql = sqlOf('DROP TABLE `a`;', 'DROP TABLE `b`;');
  expect(withDropsInOrder(sql, snapshotOf({ a: ['b'], b: ['a'] }))).toBe(sql);
});
