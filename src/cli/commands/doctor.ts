import path from 'node:path';
import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { withExamples, withProjectOptions } from './options.ts';

export interface DoctorFlags {
  readonly fix?: boolean;
  readonly dryRun?: boolean;
  readonly cwd?: string;
  readonly json?: boolean;
}

/** Gives a command the options and action of `doctor`. */
export function defineDoctor(command: Command, session: Session): Command {
  command
    .description('Say what stands between the project and working, and the command that mends it')
    .option('--fix', 'make whole what can be made anew, for example after a merge of branches')
    .option('--dry-run', 'with --fix: print the changes as a diff, and write nothing');
  withProjectOptions(command);
  return withExamples(
    command,
    'shipkit doctor',
    'shipkit doctor --fix',
    'shipkit doctor --fix --dry-run',
  ).action(async (flags: DoctorFlags) => {
    const { runDoctor } = await import('../run-doctor.ts');
    await runDoctor(path.resolve(session.cwd, flags.cwd ?? '.'), flags, session);
  });
}
