// What `migrations/` holds, and how much of it a database has.
//
// A migration is known by its content, not by its place in a row, so two branches that each add one
// can be merged, and a file can be renamed. DDL is not transactional, so progress is kept for each
// statement: a run that ends half-way is resumed where it stopped.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Connection, Pool, RowDataPacket } from 'mysql2/promise';

export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** A row of `schema_migrations`. */
export interface Progress {
  readonly id: number;
  readonly name: string;
  /** Of the statements that are done: the first `done` of `statements`. */
  readonly hash: string;
  readonly statements: number;
  readonly done: number;
  /** Set while a statement runs: still set, the run was killed and nobody knows whether it took. */
  readonly inDoubt: boolean;
}

/** A migration cannot be applied. The message says which, why, and what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}

/**
 * Reads the migrations of a folder in the order of their names: `*.sql`, with the statements set
 * apart by `--> statement-breakpoint`, as drizzle-kit writes them.
 */
export async function readMigrations(
  folder: string = join(import.meta.dirname, '../../migrations'),
): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  return Promise.all(
    names.map(async (name) => {
      const text = (await readFile(join(folder, name), 'utf8')).replaceAll('\r\n', '\n');
      const statements = text.split('--> statement-breakpoint').map((part) => part.trim());
      return { name, statements: statements.filter((statement) => statement !== '') };
    }),
  );
}

/** Reads how far each migration has come; nothing where none was ever applied. */
export async function readProgress(database: Connection | Pool): Promise<Progress[]> {
  try {
    const [rows] = await database.query<RowDataPacket[]>(
      'SELECT id, name, hash, statements, done, in_doubt FROM schema_migrations ORDER BY id',
    );
    return rows.map((row) => ({
      id: Number(row['id']),
      name: String(row['name']),
      hash: String(row['hash']),
      statements: Number(row['statements']),
      done: Number(row['done']),
      inDoubt: Boolean(row['in_doubt']),
    }));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_TABLE') return [];
    throw error;
  }
}

export interface Pending {
  readonly migration: Migration;
  /** Present where an earlier run has begun it. */
  readonly begun?: Progress;
}

/**
 * Says which migrations are still to be applied, in order.
 *
 * @throws MigrationError where a file no longer says what was applied under its name
 */
export function pendingMigrations(
  migrations: readonly Migration[],
  progress: readonly Progress[],
): Pending[] {
  const names = new Set(migrations.map((migration) => migration.name));
  // A file whose first statement was refused left nothing behind, so it may go.
  const tookEffect = (row: Progress) => row.done > 0 || row.inDoubt;
  const begunAndGone = progress.find(
    (row) => row.done < row.statements && tookEffect(row) && !names.has(row.name),
  );
  if (begunAndGone !== undefined) {
    throw new MigrationError(
      `${begunAndGone.name} was applied up to statement ${begunAndGone.done} of ${begunAndGone.statements}, and the file is gone. Restore it, so that the rest can be applied.`,
    );
  }

  return migrations.flatMap((migration): Pending[] => {
    const whole = hashOf(migration.statements);
    const row =
      progress.find((each) => each.name === migration.name) ??
      // Applied under another name: the file was renamed since.
      progress.find((each) => each.hash === whole && !names.has(each.name));
    if (row === undefined) return [{ migration }];
    if (row.done === row.statements && row.hash === whole) return [];
    if (row.done === row.statements) {
      throw new MigrationError(
        `${migration.name} has been changed since it was applied. Restore it, and put the change into a new migration.`,
      );
    }
    if (row.hash !== hashOf(migration.statements.slice(0, row.done))) {
      throw new MigrationError(
        `${migration.name} has been changed in its first ${row.done} statements, which are already applied. Restore those; what comes after them may be changed.`,
      );
    }
    return [{ migration, begun: row }];
  });
}

/** The hash under which a run of statements is recorded. */
export function hashOf(statements: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(statements)).digest('hex');
}
