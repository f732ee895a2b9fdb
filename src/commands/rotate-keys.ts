import { existsSync } from 'node:fs';
import path from 'node:path';
import { precondition } from '../problem.ts';
import { findFolder } from '../project/find.ts';
import { endWithParent } from '../project/end-with-parent.ts';
import { runAttached } from '../project/run.ts';

const script = 'src/commands/keys.ts';

interface RotateKeysOptions {
  readonly cwd: string;
  /** For the project's own command. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
}

/**
 * Runs the project's own command on its keys, with its `.env` and its packages. What it does and says
 * is the project's: it works the same where this package is not installed.
 *
 * @returns its exit code
 * @throws Problem (exit code 3) when there is no project, or it cannot be run
 */
export async function rotateKeys({ cwd, args, signal }: RotateKeysOptions): Promise<number> {
  const folder = findFolder(cwd);
  if (!existsSync(path.join(folder, script))) {
    throw precondition(
      `${folder} has no ${script}, which rotates its keys: it was taken out, or an older version made the project; shipkit update brings it.`,
      'no-keys-command',
    );
  }
  if (!existsSync(path.join(folder, 'node_modules'))) {
    throw precondition(
      `${folder} has no node_modules: install its packages first, with the package manager of the project.`,
      'no-packages',
    );
  }
  // Were this killed, a rotation must not go on unseen.
  const command = [...endWithParent, '--import', './src/require-node.js', script, ...args];
  return runAttached(process.execPath, command, { cwd: folder, signal });
}
