import { randomBytes } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { char, mysqlTable, primaryKey, varchar } from 'drizzle-orm/mysql-core';
import { drizzle } from 'drizzle-orm/mysql2';
import type { Pool } from 'mysql2/promise';

import { createDatabase, dropDatabases, query, useServer } from '../lib/database.ts';
import type { Stages } from '../lib/stage.ts';
import { type Figure, atMost, median, medianRatio, microseconds, times } from './figure.ts';
import { withLinkedProject } from './linked.ts';

const rounds = 101;
const reads = 100;

/** A table as a domain of an owner has it. */
const notes = mysqlTable(
  'notes',
  {
    id: char('id', { length: 36 }).notNull(),
    accountId: char('account_id', { length: 36 }).notNull(),
    title: varchar('title', { length: 200 }).notNull(),
    text: varchar('text', { length: 2000 }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.accountId, table.id] })],
);
type Note = typeof notes.$inferSelect;

const ddl = `CREATE TABLE notes (
  id CHAR(36) NOT NULL, account_id CHAR(36) NOT NULL,
  title VARCHAR(200) NOT NULL, text VARCHAR(2000) NOT NULL,
  PRIMARY KEY (account_id, id)) ENGINE=InnoDB`;

/** The project's own modules, as far as they are measured. */
interface Modules {
  openDatabase: (deps: { settings: object; sealing: object }) => Promise<Database>;
  openSealing: (deps: { settings: object; log: object }) => Promise<object>;
  createLog: (settings: object) => object;
}

interface Database {
  pool: Pool;
  withAccount: (accountId: string) => {
    find: (table: typeof notes, id: string) => Promise<Note | undefined>;
  };
  close: () => Promise<void>;
}

/**
 * Time of a point read in the scope of an account beside that of the same statement written by hand in
 * drizzle, without anything of the project: over one connection, one after the other.
 */
export async function measureAccounts(stages: Stages): Promise<Figure[]> {
  const server = await useServer('npm run bench');
  try {
    const url = await createDatabase(server.url, 'bench');
    return await withLinkedProject([], async ({ load }) => {
      const files = ['database/database.ts', 'platform/sealing.ts', 'log.ts'];
      const { openDatabase, openSealing, createLog } = (await load(files)) as Modules;
      const log = createLog({ LOG_LEVEL: 'silent' });
      const KEYRING_SECRET = randomBytes(32).toString('base64url');
      const sealing = await openSealing({ settings: { KEYRING_SECRET, NODE_ENV: 'test' }, log });
      const settings = { DATABASE_URL: url, DATABASE_POOL_SIZE: 1 };
      const database = await openDatabase({ settings, sealing });
      try {
        const note = await fill(url);
        return [await stages.run('Reading rows of an account', () => race(database, note))];
      } finally {
        await database.close();
      }
    });
  } finally {
    await dropDatabases(server.url, 'bench');
    await server.leave();
  }
}

/** @returns the note that is read: one of a thousand */
async function fill(url: string): Promise<Note> {
  const accountId = crypto.randomUUID();
  const all = Array.from({ length: 1000 }, (_, index) => ({
    id: crypto.randomUUID(),
    accountId,
    title: `The note of number ${index}`,
    text: 'words '.repeat(30),
  }));
  const rows = all.map((note) => `('${note.id}', '${accountId}', '${note.title}', '${note.text}')`);
  await query(
    url,
    ddl,
    `INSERT INTO notes (id, account_id, title, text) VALUES ${rows.join(', ')}`,
  );
  const [note] = all;
  if (note === undefined) throw new Error('There are no notes.');
  return note;
}

async function race({ pool, withAccount }: Database, { id, accountId }: Note): Promise<Figure> {
  const bare = drizzle({ client: pool });
  const ours = async (): Promise<Note | undefined> => withAccount(accountId).find(notes, id);
  const byHand = async (): Promise<Note | undefined> => {
    const condition = and(eq(notes.accountId, accountId), eq(notes.id, id));
    const [row] = await bare.select().from(notes).where(condition);
    return row;
  };
  expectSame(await ours(), await byHand());

  const took = { ours: [] as number[], byHand: [] as number[] };
  for (let round = 0; round <= rounds; round += 1) {
    // Whoever comes second meets another machine: everybody is each in turn.
    const turns = [
      { read: ours, into: took.ours },
      { read: byHand, into: took.byHand },
    ];
    for (const { read, into } of round % 2 === 0 ? turns : turns.toReversed()) {
      const time = await timeOf(read);
      // The first round warms up and is not counted.
      if (round > 0) into.push(time);
    }
  }
  return {
    ...atMost('a row of an account', medianRatio(took.ours, took.byHand), 1.1, times),
    detail: `${microseconds(median(took.ours))}, the same statement in drizzle ${microseconds(median(took.byHand))}, medians of ${rounds}`,
  };
}

/** Milliseconds of one, out of many one after the other. */
async function timeOf(read: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let turn = 0; turn < reads; turn += 1) await read();
  return (performance.now() - started) / reads;
}

/** @throws Error where two different things would be measured */
function expectSame(one: Note | undefined, other: Note | undefined): void {
  if (one !== undefined && JSON.stringify(one) === JSON.stringify(other)) return;
  throw new Error('The row by hand is another one.');
}
