// What the commands have in common by which an operator lists rows that wait, and has some of them
// done again or left.
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { CommandError } from './run.ts';

/** Is given what standard output is for, a line or more at a time. */
export type Print = (text: string) => void;

/** @throws CommandError with the usage, where there is an option that the command does not have */
export function parseOrder<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args, allowPositionals: true, options });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(`${error.message}\n\n${usage}`, 'badInput');
  }
}

/** @throws CommandError where there is no such state */
export function stateOf<State extends string>(
  states: readonly State[],
  text: string | undefined,
): State | undefined {
  const state = states.find((one) => one === text);
  if (text === undefined || state !== undefined) return state;
  throw new CommandError(`--state is one of ${states.join(', ')}.`, 'badInput');
}

/** @throws CommandError where it is no number of rows */
export function limitOf(text = '100'): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new CommandError('--limit is a number from 1 to 99999.', 'badInput');
}

/**
 * Does to each row what it can, and says so; one that is refused does not keep the others.
 *
 * @param order.done what is said of a row to which it was done
 * @param order.refusals what is said of one to which it cannot be done
 * @throws CommandError that names each of those
 */
export async function carryOut<Outcome extends string>(order: {
  readonly ids: readonly string[];
  readonly json: boolean;
  readonly apply: (id: string) => Promise<Outcome>;
  readonly done: string;
  readonly refusals: Readonly<Record<Exclude<Outcome, 'done'>, string>>;
  readonly print: Print;
}): Promise<void> {
  const { ids, json, apply, done, print } = order;
  const refusals: Readonly<Record<string, string>> = order.refusals;
  const refused: string[] = [];
  const results: { id: string; outcome: Outcome }[] = [];
  for (const id of ids) {
    const outcome = await apply(id);
    results.push({ id, outcome });
    if (outcome !== 'done') refused.push(`${id} ${refusals[outcome]}.`);
    else if (!json) print(`${id} ${done}.`);
  }
  if (json) print(JSON.stringify({ results }));
  else if (results.length === 0) print('There is nothing.');
  if (refused.length > 0) throw new CommandError(refused.join('\n'), 'precondition');
}
