// What the arguments of npm run outbox ask for.
import { parseArgs } from 'node:util';
import { letterStates, type LetterState } from '#app/platform/outbox/letters.ts';
import { CommandError } from './run.ts';

const usage = `Usage: npm run outbox -- list [--state <state>] [--limit <count>] [--json]
       npm run outbox -- replay <id>… [--json]
       npm run outbox -- replay --dead [--json]
       npm run outbox -- discard <id>… [--json]

list     shows what is not delivered, the oldest first; --state ${letterStates.join(', ')}
replay   has what failed or was given up delivered again; --dead all that was given up
discard  removes what is not to be delivered`;

export interface ListOrder {
  readonly command: 'list';
  readonly state: LetterState | undefined;
  readonly limit: number;
  readonly json: boolean;
}

export interface ChangeOrder {
  readonly command: 'replay' | 'discard';
  /** Whose; `dead` for all that were given up. */
  readonly ids: readonly string[] | 'dead';
  readonly json: boolean;
}

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): ListOrder | ChangeOrder {
  const { positionals, values } = parse(args);
  const [command, ...ids] = positionals;
  const { state, limit, dead = false, json = false } = values;
  if (command === 'list' && ids.length === 0 && !dead) {
    return { command, state: stateOf(state), limit: limitOf(limit), json };
  }
  if (
    command === 'replay' &&
    dead &&
    ids.length === 0 &&
    state === undefined &&
    limit === undefined
  ) {
    return { command, ids: 'dead', json };
  }
  const isChange = (command === 'replay' || command === 'discard') && !dead;
  if (!isChange || ids.length === 0 || state !== undefined || limit !== undefined) {
    throw new CommandError(usage, 'badInput');
  }
  const wrong = ids.find((id) => !/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(id));
  if (wrong !== undefined) {
    throw new CommandError(`${wrong} is no id; npm run outbox -- list shows them.`, 'badInput');
  }
  return { command, ids, json };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        state: { type: 'string' },
        limit: { type: 'string' },
        dead: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new CommandError(`${error.message}\n\n${usage}`, 'badInput');
  }
}

function stateOf(text: string | undefined): LetterState | undefined {
  const state = letterStates.find((one) => one === text);
  if (text === undefined || state !== undefined) return state;
  throw new CommandError(`--state is one of ${letterStates.join(', ')}.`, 'badInput');
}

function limitOf(text = '100'): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new CommandError('--limit is a number from 1 to 99999.', 'badInput');
}
