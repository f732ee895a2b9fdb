import type { Command } from 'commander';

/** The options of every command that changes a project. */
export interface ChangeFlags {
  readonly cwd?: string;
  readonly install?: boolean;
  readonly dryRun?: boolean;
  readonly allowConflicts?: boolean;
  readonly json?: boolean;
}

/** Gives a command the options that all have which change a project. */
export function withChangeOptions(command: Command): Command {
  return withProjectOptions(
    command
      .option('--no-install', 'leave installing packages to you')
      .option('--dry-run', 'print the changes as a diff, and write nothing')
      .option('--allow-conflicts', 'write conflicts with markers, for you to resolve'),
  );
}

/** Gives a command the options that all have which look at a project. */
export function withProjectOptions(command: Command): Command {
  return command
    .option('--cwd <folder>', 'a folder inside the project')
    .option('--json', 'print one JSON object on standard output');
}

/** The examples at the end of a command's help. */
export function withExamples(command: Command, ...lines: readonly string[]): Command {
  return command.addHelpText(
    'after',
    `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`,
  );
}
