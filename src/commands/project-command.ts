import { existsSync } from 'node:fs';
import path from 'node:path';
import { precondition, type Problem } from '../problem.ts';
import { findFolder } from '../project/find.ts';
import { endWithParent } from '../project/end-with-parent.ts';
import { runAttached } from '../project/run.ts';

/** What a command of the project is run with. */
export interface ProjectCommandOptions {
  readonly cwd: string;
  /** For the project's own command. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

interface ProjectCommand extends ProjectCommandOptions {
  /** Its file in the project. */
  readonly script: string;
  /** Whether it works on the database, which in development is one of the project's own. */
  readonly onDatabase?: boolean;
  /** What is said where the project does not have it. */
  readonly missing: (folder: string) => Problem;
}

const withDatabase = 'dev/with-database.ts';

/**
 * Runs one of the project's own commands, with its `.env` and its packages. What it does and says is
 * the project's: it works the same where this package is not installed.
 *
 * @returns its exit code
 * @throws Problem (exit code 3) when there is no project, or the command cannot be run
 */
export async function runProjectCommand(command: ProjectCommand): Promise<number> {
  const { script, onDatabase = false, args, signal } = command;
  const folder = findFolder(command.cwd);
  const has = (file: string): boolean => existsSync(path.join(folder, file));
  if (!has(script)) throw command.missing(folder);
  if (!has('node_modules')) {
    throw precondition(
      `${folder} has no node_modules: install its packages first, with the package manager of the project.`,
      'no-packages',
    );
  }
  // As the scripts of its package.json do; where it is deployed without dev/, its settings say where
  // the database is.
  const start = onDatabase && has(withDatabase) ? [withDatabase, script] : [script];
  // Were this killed, what it started must not go on unseen.
  const options = [...endWithParent, '--import', './src/require-node.js'];
  return runAttached(process.execPath, [...options, ...start, ...args], { cwd: folder, signal });
}
