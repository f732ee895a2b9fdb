import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

export interface RemoveDomainFlags extends ChangeFlags {
  readonly dropTable?: boolean;
}

/** Gives a command the argument, options and action of `remove-domain`. */
export function defineRemoveDomain(command: Command, session: Session): Command {
  command
    .description('Take a domain out again; its rows and the files that you edited stay')
    .argument('<name>', 'the domain, or a feature of the catalog')
    .option('--drop-table', 'write a migration that drops its tables, rows and all');
  withChangeOptions(command);
  return withExamples(
    command,
    'shipkit remove-domain invoices --dry-run',
    'shipkit remove-domain invoices --drop-table',
  ).action(async (name: string, flags: RemoveDomainFlags) => {
    const { runRemoveDomain } = await import('../run-domain.ts');
    await runRemoveDomain(name, flags, session);
  });
}
