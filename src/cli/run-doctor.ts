import pc from 'picocolors';
import { type Diagnosis, doctor } from '../commands/doctor.ts';
import type { Severity } from '../commands/doctor/finding.ts';
import { unifiedDiff } from '../merge/diff.ts';
import { badInput, exitCodes, Problem } from '../problem.ts';
import { repositoryOf } from '../project/undo.ts';
import { loadTemplates } from '../templates/load.ts';
import type { DoctorFlags } from './commands/doctor.ts';
import { Output } from './output.ts';
import { withProgress } from './progress.ts';
import type { Session } from './session.ts';

const marks: Record<Severity, string> = {
  error: pc.red('✖'),
  warning: pc.yellow('!'),
  info: pc.dim('·'),
};

/**
 * Examines the project around the user and reports, what is worst first. A dry run that has something
 * to mend prints that instead.
 */
export async function runDoctor(
  cwd: string,
  flags: DoctorFlags,
  { version, signal }: Session,
): Promise<void> {
  const output = new Output(flags.json === true);
  const fix = flags.fix === true;
  if (flags.dryRun === true && !fix) {
    throw badInput('--dry-run: without --fix nothing is written: give both, or neither.');
  }
  const found = await doctor({
    cwd,
    version,
    fix,
    dryRun: flags.dryRun === true,
    signal,
    onRecovery: output.tell,
    loadTemplates,
    during: withProgress,
  });
  const { folder, pending } = found;
  if (pending.length > 0) {
    const diff = unifiedDiff(pending, { binary: output.json || !process.stdout.isTTY });
    const files = pending.map(({ path, kind }) => ({ path, kind }));
    output.result({ folder, files, diff });
    if (!output.json) process.stdout.write(diff);
    return;
  }
  sayFindings(found, cwd, output);
  if (found.ok) {
    output.say(`${pc.green('✔')} Nothing stands in the way.`);
    output.result(found);
    return;
  }
  const errors = found.findings.filter(({ severity }) => severity === 'error').length;
  const count = errors === 1 ? 'One thing stands' : `${errors} things stand`;
  const sentence = `${count} between the project and working.`;
  output.failure(new Problem(exitCodes.unexpected, 'not-healthy', sentence), found);
  process.exitCode = exitCodes.unexpected;
}

function sayFindings({ folder, findings, fixed }: Diagnosis, cwd: string, output: Output): void {
  for (const sentence of fixed) output.say(`${pc.green('✔')} ${sentence}`);
  if (fixed.length > 0 && repositoryOf(folder) !== undefined) {
    output.say(`Then: ${pc.cyan('git add -A && git commit')}`);
  }
  const order: Severity[] = ['error', 'warning', 'info'];
  for (const severity of order) {
    for (const finding of findings.filter((one) => one.severity === severity)) {
      output.say(`${marks[severity]} ${finding.message}`);
      if (finding.mend !== undefined) output.say(`    ${pc.cyan(finding.mend)}`);
    }
  }
  if (folder !== cwd && findings.some(({ mend }) => mend !== undefined)) {
    output.say(`These commands are for the folder ${folder}.`);
  }
}
