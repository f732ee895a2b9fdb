import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

export interface UpdateFlags extends ChangeFlags {
  readonly check?: boolean;
}

/** Gives a command the options and action of `update`. */
export function defineUpdate(command: Command, session: Session): Command {
  command
    .description('Bring the project to the templates of this version, with your edits')
    .option('--check', 'only say what is new: exit code 10 when something is, 0 when nothing is');
  withChangeOptions(command);
  return withExamples(
    command,
    'npx -p create-shipkit@latest shipkit update --check',
    'npx -p create-shipkit@latest shipkit update',
  ).action(async (flags: UpdateFlags) => {
    const { runUpdate } = await import('../run-update.ts');
    await runUpdate(flags, session);
  });
}
