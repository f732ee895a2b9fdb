import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Print } from '../orders.ts';
import { CommandError } from '../run.ts';
import { lintMigrations } from './lint.ts';
import type { Order } from './order.ts';

const run = promisify(execFile);

/**
 * Carries an order out.
 *
 * @param project the project's folder
 * @throws CommandError (exit code 1) where there are findings
 */
export async function runLint(
  { since, json }: Order,
  project: string,
  print: Print,
): Promise<void> {
  const folder = join(project, 'migrations');
  const released = since === undefined ? new Set<string>() : await releasedIn(project, since);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(
    names.map(async (name) => ({
      file: `migrations/${name}`,
      text: await readFile(join(folder, name), 'utf8'),
      released: released.has(name),
    })),
  );
  const findings = lintMigrations(migrations, { oneRelease: since !== undefined });
  const count = migrations.filter((migration) => !migration.released).length;
  if (findings.length === 0) {
    print(
      json
        ? JSON.stringify({ ok: true, migrations: count, findings })
        : `Nothing in ${count} migrations.`,
    );
    return;
  }
  if (!json) {
    for (const { file, line, rule, message } of findings) {
      print(`${file}:${line}: ${rule}: ${message}`);
    }
  }
  throw new CommandError(
    `${findings.length} findings in ${count} migrations. What has to be is allowed by a comment in its statement: -- db-lint: allow <rule>: <reason>`,
    'unexpected',
    { migrations: count, findings },
  );
}

/** The names of the migrations at a ref. A hash of zeros is what comes before a first push. */
async function releasedIn(project: string, ref: string): Promise<Set<string>> {
  if (/^0{40,}$/.test(ref)) return new Set();
  const args = ['ls-tree', '--name-only', '-z', ref, '--', 'migrations/'];
  try {
    const { stdout } = await run('git', args, { cwd: project });
    return new Set(stdout.split('\0').map((path) => basename(path)));
  } catch (error) {
    throw new CommandError(
      `git does not show the migrations at ${ref}: is that a branch or commit that is here?`,
      'precondition',
      { cause: error instanceof Error ? error.message : undefined },
    );
  }
}
