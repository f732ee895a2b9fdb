import type { Command } from 'commander';

/** Gives a command the action of `schema`. */
export function defineSchema(command: Command): Command {
  return command
    .description('Print the JSON Schema of a config file')
    .option('--json', 'print it on one line, as all commands print JSON')
    .addHelpText('after', '\nExamples:\n  shipkit schema > shipkit.schema.json')
    .action(async (flags: { readonly json?: boolean }) => {
      const { schema } = await import('../../commands/schema.ts');
      process.stdout.write(`${JSON.stringify(schema(), null, flags.json === true ? 0 : 2)}\n`);
    });
}
