import type { Command } from 'commander';
import { questions } from '../../catalog/questions.ts';
import type { CreateOptions } from '../input.ts';
import { Output } from '../output.ts';
import { withProgress } from '../progress.ts';
import { reportCreated } from '../report-create.ts';
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
      await run(folder, options, session);
    });
}

async function run(
  given: string | undefined,
  options: CreateOptions,
  session: Session,
): Promise<void> {
  const output = new Output(options.json === true);
  const { completeUnasked, openQuestions, readKnown } = await import('../input.ts');
  const { cwd, signal, version } = session;
  const known = readKnown(given, options, cwd);

  const yes = options.yes === true;
  const isOpen = known.folder === undefined || openQuestions(known.answers).length > 0;
  const canAsk = output.interactive && !yes && options.config !== '-';
  const { folder, answers } =
    isOpen && canAsk
      ? await (await import('../prompts.ts')).ask(known)
      : { folder: known.folder ?? '', answers: completeUnasked(known, yes) };

  const { create } = await import('../../commands/create.ts');
  const { loadTemplates } = await import('../../templates/load.ts');
  const dryRun = options.dryRun === true;
  const started = performance.now();
  const templates = await loadTemplates();
  const result = await create({
    answers,
    folder,
    cwd,
    version,
    templates,
    dryRun,
    signal,
    during: withProgress,
  });
  const milliseconds = Math.round(performance.now() - started);
  reportCreated(result, output, { dryRun, milliseconds, cwd });
}

/** `--features a,b` and `--features a --features b` are the same. */
function listed(value: string, before: readonly string[] = []): string[] {
  const names = value.split(',').map((name) => name.trim());
  return [...before, ...names.filter((name) => name !== '')];
}
