import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

interface AddFlags extends ChangeFlags {
  readonly tier?: string;
}

/** Gives a command the arguments, options and action of `add`. */
export function defineAdd(command: Command, session: Session): Command {
  command
    .description('Add features to the project around you')
    .argument('[features...]', 'names of the catalog: see shipkit features')
    .option('--tier <tier>', 'take the features of another tier: professional');
  withChangeOptions(command);
  return withExamples(
    command,
    'shipkit add ci',
    'shipkit add --tier professional --dry-run',
  ).action(async (features: string[], flags: AddFlags) => {
    const { runAdd } = await import('../run-add.ts');
    await runAdd(features, flags, session);
  });
}
