import { precondition } from '../problem.ts';
import { runProjectCommand, type ProjectCommandOptions } from './project-command.ts';

const script = 'src/commands/keys.ts';

/**
 * Runs the project's own command on its keys.
 *
 * @returns its exit code
 * @throws Problem (exit code 3) when there is no project, or it cannot be run
 */
export async function rotateKeys(options: ProjectCommandOptions): Promise<number> {
  return runProjectCommand({
    ...options,
    script,
    missing: (folder) =>
      precondition(
        `${folder} has no ${script}, which rotates its keys: it was taken out, or an older version made the project; shipkit update brings it.`,
        'no-keys-command',
      ),
  });
}
