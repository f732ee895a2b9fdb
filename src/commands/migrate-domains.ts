import { namesOf } from '../catalog/domains/names.ts';
import { scriptRunner } from '../catalog/package-manager.ts';
import { cancelled, exitCodes, Problem } from '../problem.ts';
import { commitAll, type GitOutcome } from '../project/git.ts';
import { applyChanges } from '../project/journal.ts';
import { firstMigration } from '../project/plan-migration.ts';
import type { CreateRequest } from './create.ts';

/**
 * Generates the migration of the domains of a new project, whose packages are installed: the first
 * migration is that of the catalog alone. It is a commit of its own where the project was committed.
 *
 * @throws Problem (exit code 1) when drizzle-kit writes none, (exit code 130) when it was cancelled;
 *   the project is whole without it
 */
export async function migrateDomains(
  folder: string,
  git: GitOutcome,
  { answers: { domains, packageManager }, signal, during }: CreateRequest,
): Promise<{ readonly migrations: readonly string[]; readonly git: GitOutcome }> {
  const [first, ...others] = domains.map(({ name }) => namesOf(name).table);
  const name = `add_${others.length === 0 ? first : 'domains'}`;
  try {
    const changes = await during('Generating the migration of the domains', () =>
      firstMigration(folder, { name, signal }),
    );
    await applyChanges(folder, changes);
    const migrations = changes.flatMap(({ path }) => (path.endsWith('.sql') ? [path] : []));
    if (git.state !== 'committed') return { migrations, git };
    const message = 'Add the migration of the domains';
    return { migrations, git: await commitAll(folder, { signal, message }) };
  } catch (error) {
    const goOn = `the project is whole in ${folder}; go on there with ${scriptRunner(packageManager)} db:generate.`;
    if (signal.aborted) throw cancelled(`Cancelled while generating a migration: ${goOn}`);
    if (!(error instanceof Problem)) throw error;
    throw new Problem(
      exitCodes.unexpected,
      'no-migration',
      `The domains have no migration yet (${error.message.replace(/\.$/, '')}): ${goOn}`,
      { cause: error },
    );
  }
}
