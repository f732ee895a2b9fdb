import type { Command } from 'commander';
import { Output } from '../output.ts';

/** Gives a command the options and action of `features`. */
export function defineFeatures(command: Command): Command {
  return command
    .description('List the features that can be had')
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  shipkit features\n  shipkit features --json')
    .action(async (options: { readonly json?: boolean }) => {
      const { features } = await import('../../commands/features.ts');
      const output = new Output(options.json === true);
      const rows = features();
      output.result({ features: rows });
      const table = [
        ['Feature', 'Default in', 'Needs', 'What it gives'],
        ...rows.map((row) => [
          row.name,
          row.defaultIn.join(', '),
          row.requires.join(', ') || '-',
          row.hint,
        ]),
      ];
      const widths = [0, 1, 2].map((column) =>
        Math.max(...table.map((row) => row[column]?.length ?? 0)),
      );
      for (const row of table) {
        output.say(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
      }
    });
}
