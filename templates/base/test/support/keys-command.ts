import { readEnvironment } from '#app/environment.ts';
import { readArguments } from '../../src/commands/keys/arguments.ts';
import { runKeys } from '../../src/commands/keys/run-keys.ts';
import { keysSettings } from '../../src/commands/keys/surroundings.ts';
import { CommandError, exitCodes } from '../../src/commands/run.ts';

export interface Ran {
  readonly code: number;
  /** What a program that asked for JSON gets. */
  readonly result: unknown;
  readonly told: string;
}

/**
 * What the process of `npm run keys` does, in this one: a process takes most of a second to start.
 *
 * @param onSay is told how it goes on, while it does
 */
export async function runKeysCommand(
  args: readonly string[],
  env: Record<string, string>,
  onSay?: (sentence: string) => void,
): Promise<Ran> {
  const told: string[] = [];
  const say = (sentence: string): void => {
    told.push(sentence);
    onSay?.(sentence);
  };
  try {
    const settings = readEnvironment(keysSettings, env);
    const { result, text } = await runKeys(readArguments(args), settings, say);
    return {
      code: 0,
      result: JSON.parse(JSON.stringify(result)),
      told: [...told, text].join('\n'),
    };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const { reason, details, message } = error;
    return { code: exitCodes[reason], result: details, told: [...told, message].join('\n') };
  }
}
