import path from 'node:path';
import type { Command } from 'commander';
import { Output } from '../output.ts';
import type { Session } from '../session.ts';
import { withExamples, withProjectOptions } from './options.ts';

interface DiffFlags {
  readonly cwd?: string;
  readonly json?: boolean;
}

/** Gives a command the argument, options and action of `diff`. */
export function defineDiff(command: Command, { version, cwd }: Session): Command {
  command
    .description('Show what you changed since the project was generated')
    .argument('[path]', 'a file or folder of the project');
  withProjectOptions(command);
  return withExamples(command, 'shipkit diff', 'shipkit diff src/http').action(
    async (only: string | undefined, flags: DiffFlags) => {
      const { ownerChanges } = await import('../../commands/diff.ts');
      const { unifiedDiff } = await import('../../merge/diff.ts');
      const output = new Output(flags.json === true);
      const at = path.resolve(cwd, flags.cwd ?? '.');
      const { recoverAround } = await import('../../project/open.ts');
      await recoverAround(at, output.tell);
      const { folder, changes } = ownerChanges(at, version, only);
      const diff = unifiedDiff(changes, { binary: output.json || !process.stdout.isTTY });
      const files = changes.map(({ path: file, kind }) => ({ path: file, kind }));
      output.result({ folder, files, diff });
      if (!output.json) process.stdout.write(diff);
      if (changes.length === 0) output.tell('Nothing differs from what was generated.');
    },
  );
}
