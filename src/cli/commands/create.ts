import type { Command } from 'commander';
import { questions } from '../../catalog/questions.ts';
import type { CreateOptions } from '../input.ts';
import type { Session } from '../session.ts';

const examples = `
Examples:
  create-shipkit my-app                          asks for the rest
  create-shipkit my-app --yes                    takes the defaults
  create-shipkit my-app --tier professional --without ci --package-manager pnpm
  create-shipkit ../shop --yes --config shop.json --dry-run`;

/** Gives a command the arguments, options and action of `create`. */
export function defineCreate(command: Command, session: Session): Command {
  return command
    .description('Make a new project')
    .argument('[folder]', 'where to; its last part is the name of the project')
    .option('--tier <tier>', questions.tier.hint)
    .option('--features <a,b>', questions.features.hint, listed)
    .option('--without <a,b>', questions.without.hint, listed)
    .option('--package-manager <name>', questions.packageManager.hint)
    .option('--git', `${questions.git.hint} (default)`)
    .option('--no-git', 'make none')
    .option('--install', `${questions.install.hint} (default)`)
    .option('--no-install', 'leave that to you')
    .option('-y, --yes', 'take the default of every question that no other option answers')
    .option('--config <file>', 'read answers from a JSON file (- for standard input)')
    .option('--dry-run', 'list what would be made, and write nothing')
    .option('--json', 'print one JSON object on standard output, and ask nothing')
    .addHelpText('after', examples)
    .action(async (folder: string | undefined, options: CreateOptions) => {
      const { unpackingArchive } = await import('../../templates/unpack.ts');
      // While another thread unpacks, this one loads the program.
      const archive = unpackingArchive();
      const { runCreate } = await import('../run-create.ts');
      await runCreate(folder, options, session, archive);
    });
}

/** `--features a,b` and `--features a --features b` are the same. */
function listed(value: string, before: readonly string[] = []): string[] {
  const names = value.split(',').map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== '')];
}
