import { completeUnasked, type CreateOptions, openQuestions, readKnown } from './input.ts';
import { create } from '../commands/create.ts';
import { loadTemplates } from '../templates/load.ts';
import { Output } from './output.ts';
import { withProgress } from './progress.ts';
import { reportCreated } from './report-create.ts';
import type { Session } from './session.ts';

/**
 * Finds the answers, makes the project and reports. Apart from the definition of the command, so
 * that all it needs is loaded when it runs, at once, and not for `--version`.
 */
export async function runCreate(
  given: string | undefined,
  options: CreateOptions,
  { cwd, signal, version }: Session,
  archive: Promise<Buffer>,
): Promise<void> {
  const output = new Output(options.json === true);
  const known = readKnown(given, options, cwd);
  const yes = options.yes === true;
  const isOpen = known.folder === undefined || openQuestions(known.answers).length > 0;
  // In this order: to look at the terminal costs a few milliseconds.
  const asks = isOpen && !yes && options.config !== '-' && output.interactive;
  const { folder, answers } = asks
    ? await (await import('./prompts.ts')).ask(known)
    : { folder: known.folder ?? '', answers: completeUnasked(known, yes) };

  const dryRun = options.dryRun === true;
  // By Date: `performance` would be a part of Node more to load.
  const started = Date.now();
  const templates = loadTemplates(await archive);
  const request = { answers, folder, cwd, version, templates, dryRun, signal };
  const result = await create({ ...request, during: withProgress });
  const milliseconds = Date.now() - started;
  reportCreated(result, output, { dryRun, milliseconds, cwd });
}
