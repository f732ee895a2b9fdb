import type { Command } from 'commander';

/** Gives a command the action of `schema`. */
export function defineSchema(command: Command): Command {
  return command
    .description('Print the JSON Schema of a config file')
    .addHelpText('after', '\nExamples:\n  shipkit schema > shipkit.schema.json')
    .action(async () => {
      const { schema } = await import('../../commands/schema.ts');
      process.stdout.write(`${JSON.stringify(schema(), null, 2)}\n`);
    });
}
