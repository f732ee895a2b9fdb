import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { type ChangeFlags, withChangeOptions, withExamples } from './options.ts';

export interface AddDomainFlags extends ChangeFlags {
  readonly fields?: string;
  readonly admin?: boolean;
}

const fieldsHelp = `
Fields, separated by commas: name:type, with ? for one that may be left out and :unique for one that
no two rows of an account share.
  string text integer number money boolean date datetime email url enum(a|b) ref(domain)

A feature of the catalog, such as billing, is added as by shipkit add: it brings its own fields.`;

/** Gives a command the arguments, options and action of `add-domain`. */
export function defineAddDomain(command: Command, session: Session): Command {
  command
    .description('Add a domain: routes, schemas, table, migration and tests; or its admin pages')
    .argument('<name>', 'what it keeps: invoices; or a feature of the catalog: billing')
    .option('--fields <list>', 'its fields; without it you are asked')
    .option('--admin', 'give it, or one that is there, pages in the admin area')
    .addHelpText('after', fieldsHelp);
  withChangeOptions(command);
  return withExamples(
    command,
    'shipkit add-domain customers --fields "name:string,email:email:unique"',
    'shipkit add-domain invoices --fields "number:string:unique,amount:money,due:date?,status:enum(draft|sent),customer:ref(customers)"',
    'shipkit add-domain orders --fields "total:money,note:text?" --admin',
    'shipkit add-domain customers --admin',
  ).action(async (name: string, flags: AddDomainFlags) => {
    const { runAddDomain } = await import('../run-domain.ts');
    await runAddDomain(name, flags, session);
  });
}
