import path from 'node:path';
import type { Reason } from '../catalog/reason.ts';
import { changeProject, type ChangeRequest } from '../commands/change.ts';
import { type OpenProject, openProject } from '../project/open.ts';
import { loadTemplates } from '../templates/load.ts';
import type { ChangeFlags } from './commands/options.ts';
import { Output } from './output.ts';
import { withProgress } from './progress.ts';
import { reportChange } from './report-change.ts';
import type { Session } from './session.ts';

interface Wanted extends Pick<
  ChangeRequest,
  'answers' | 'command' | 'migration' | 'dropTables' | 'dropRetired' | 'wayBack' | 'isUpdate'
> {
  /** Why features come that the command itself brings. */
  readonly reasons?: readonly Reason[];
}

/**
 * Opens the project around the user, changes it into what they want, and reports.
 *
 * @param want what the project is to be; it may ask
 * @returns whether something was written
 */
export async function runChange(
  flags: ChangeFlags,
  { cwd, signal, version }: Session,
  want: (project: OpenProject, output: Output) => Wanted | Promise<Wanted>,
): Promise<boolean> {
  const output = new Output(flags.json === true);
  const dryRun = flags.dryRun === true;
  const started = performance.now();
  const project = await openProject(path.resolve(cwd, flags.cwd ?? '.'), {
    version,
    signal,
    clean: !dryRun,
    onRecovery: output.tell,
  });
  const { reasons = [], ...wanted } = await want(project, output);
  const changed = await changeProject({
    ...wanted,
    project,
    version,
    signal,
    dryRun,
    templates: loadTemplates(),
    install: flags.install !== false,
    allowConflicts: flags.allowConflicts === true,
    during: withProgress,
  });
  const milliseconds = Math.round(performance.now() - started);
  const result = { ...changed, reasons: [...reasons, ...changed.reasons] };
  reportChange(result, output, { dryRun, milliseconds, cwd });
  return result.written;
}
