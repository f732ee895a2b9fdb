import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

interface RemoveFlags extends ChangeFlags {
  readonly dropTable?: boolean;
}

/** Gives a command the arguments, options and action of `remove`. */
export function defineRemove(command: Command, session: Session): Command {
  command
    .description('Take features out of the project around you; their data stays')
    .argument('<features...>', 'what is to go')
    .option('--drop-table', 'write a migration that drops their tables');
  withChangeOptions(command);
  return withExamples(command, 'shipkit remove ci', 'shipkit remove ci --dry-run').action(
    async (features: string[], flags: RemoveFlags) => {
      const { runRemove } = await import('../run-add.ts');
      await runRemove(features, flags, session);
    },
  );
}
