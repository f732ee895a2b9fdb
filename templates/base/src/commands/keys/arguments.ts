import { parseArgs } from 'node:util';
import { CommandError } from '../run.ts';

const commands = ['init', 'status', 'stage', 'promote', 'retire', 'rotate'] as const;

export interface KeysArguments {
  readonly command: (typeof commands)[number];
  readonly compromised: boolean;
  /** Who has to answer: those of these names, nobody, or, where it is left out, whoever runs. */
  readonly instances: readonly string[] | 'none' | undefined;
  /** Seconds to wait for instances. */
  readonly timeout: number;
  readonly json: boolean;
}

export const usage = `Usage: npm run keys -- <command>

  init       make a keyring and a sealing key, where there are none; in the database, with the
             keys of the file
  status     show the keys, and which instances accept and sign with them
  rotate     replace the key that signs, without a single rejected token: stage, wait until
             every instance accepts it, promote, set the end of the one before. It takes up a key
             that was staged within the last hour, and replaces one that is older
  stage      only put a new key beside the one that signs
  promote    only let the staged key sign
  retire     take the key before out, when its time is over

Options:
  --compromised      with rotate: somebody else has the key. All others are dropped, everybody
                     is signed out, and it waits until no instance accepts an old key. Run again
                     within an hour after it was killed or the database was away, it goes on
                     from there
  --instances <a,b>  these must answer, and whoever else runs; none: nobody runs
  --timeout <s>      seconds to wait for instances (120)
  --json             print one JSON object on standard output
  --help             show this

Examples:
  npm run keys -- rotate
  npm run keys -- rotate --instances web-1,web-2
  npm run keys -- rotate --compromised
  npm run keys -- status --json`;

/** @throws CommandError (exit code 2) that shows the usage */
export function readArguments(args: readonly string[]): KeysArguments {
  const { values, positionals } = parse(args);
  const [given, ...more] = positionals;
  const command = commands.find((name) => name === given);
  if (command === undefined || more.length > 0) throw usageError(usage);
  if (values.compromised && command !== 'rotate') {
    throw usageError('--compromised goes with rotate alone.');
  }
  return {
    command,
    compromised: values.compromised,
    instances: command === 'init' ? 'none' : namesIn(values.instances),
    timeout: secondsIn(values.timeout),
    json: values.json,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        compromised: { type: 'boolean', default: false },
        instances: { type: 'string' },
        timeout: { type: 'string', default: '120' },
        json: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw usageError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function namesIn(list: string | undefined): KeysArguments['instances'] {
  if (list === undefined) return undefined;
  const names = list.split(',').map((name) => name.trim());
  if (names.length === 1 && names[0] === 'none') return 'none';
  // One that begins with a dash is an option whose place the list was left out of.
  if (names.every((name) => /^(?!-)[\w.:@-]{1,40}$/.test(name) && name !== 'none')) return names;
  throw usageError('--instances takes names, separated by commas, or none.');
}

function secondsIn(text: string): number {
  const seconds = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(seconds)) return seconds;
  throw usageError('--timeout takes a whole number of seconds.');
}

function usageError(message: string): CommandError {
  return new CommandError(message, 'badInput');
}
