import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lintMigrations } from './lint.ts';

/**
 * Has the statements of migrations that come into a folder, until the process ends, say how they are
 * to be done. drizzle-kit does not, and lets nobody work after it.
 */
export function completeNewMigrations(folder: string): void {
  const before = new Set(sqlIn(folder));
  process.on('exit', () => {
    const migrations = sqlIn(folder).map((file) => ({
      file,
      text: readFileSync(join(folder, file), 'utf8'),
      released: before.has(file),
    }));
    const findings = lintMigrations(migrations, { oneRelease: false });
    for (const { file, text, released } of migrations) {
      if (released) continue;
      const inserts = findings.flatMap((finding) =>
        finding.file === file ? (finding.insert ?? []) : [],
      );
      if (inserts.length > 0) writeFileSync(join(folder, file), withInserts(text, inserts));
    }
  });
}

function withInserts(text: string, inserts: readonly { at: number; text: string }[]): string {
  return inserts
    .toSorted((one, other) => other.at - one.at)
    .reduce((now, { at, text: more }) => now.slice(0, at) + more + now.slice(at), text);
}

function sqlIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .toSorted();
}
