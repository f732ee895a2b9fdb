import { precondition } from '../problem.ts';
import { runProjectCommand, type ProjectCommandOptions } from './project-command.ts';

const script = 'src/commands/webhooks.ts';

/**
 * Runs the project's own command on the events that Stripe has sent it.
 *
 * @returns its exit code
 * @throws Problem (exit code 3) when there is no project, it has no billing, or it cannot be run
 */
export async function webhooks(options: ProjectCommandOptions): Promise<number> {
  return runProjectCommand({
    ...options,
    script,
    onDatabase: true,
    missing: (folder) =>
      precondition(
        `${folder} has no ${script}: it comes with the feature billing, which shipkit add billing adds.`,
        'no-webhooks-command',
      ),
  });
}
