import path from 'node:path';
import { Argument, InvalidArgumentError, type Command } from 'commander';
import type { Session } from '../session.ts';
import { withExamples, withProjectOptions } from './options.ts';

/** The parts of a rotation that can be asked for alone. */
export const rotationSteps = ['stage', 'promote', 'retire', 'status'] as const;

export interface RotateKeysFlags {
  readonly compromised?: boolean;
  readonly instances?: string;
  readonly timeout?: string;
  readonly cwd?: string;
  readonly json?: boolean;
}

/** Gives a command the argument, options and action of `rotate-keys`. */
export function defineRotateKeys(command: Command, { cwd, signal }: Session): Command {
  command
    .description('Replace the key that signs access tokens, without a rejected token')
    .addArgument(
      new Argument('[step]', `only a part of it: ${rotationSteps.join(', ')}`).choices(
        rotationSteps,
      ),
    )
    .option('--compromised', 'somebody else has the key: drop all others, sign everybody out')
    .option(
      '--instances <list>',
      'these must answer, and whoever else runs; none: nobody runs',
      noOption,
    )
    .option('--timeout <seconds>', 'how long to wait for instances (120)', noOption);
  withProjectOptions(command);
  return withExamples(
    command,
    'shipkit rotate-keys',
    'shipkit rotate-keys --instances web-1,web-2',
    'shipkit rotate-keys --compromised',
    'shipkit rotate-keys status --json',
  ).action(async (step: (typeof rotationSteps)[number] | undefined, flags: RotateKeysFlags) => {
    const { rotateKeys } = await import('../../commands/rotate-keys.ts');
    const { compromised = false, json = false, instances, timeout } = flags;
    process.exitCode = await rotateKeys({
      cwd: path.resolve(cwd, flags.cwd ?? '.'),
      args: [
        step ?? 'rotate',
        ...(compromised ? ['--compromised'] : []),
        ...(instances === undefined ? [] : [`--instances=${instances}`]),
        ...(timeout === undefined ? [] : [`--timeout=${timeout}`]),
        ...(json ? ['--json'] : []),
      ],
      signal,
    });
  });
}

/** A value that was forgotten must not swallow the option after it. */
function noOption(value: string): string {
  if (value.startsWith('-')) throw new InvalidArgumentError('It takes a value.');
  return value;
}
