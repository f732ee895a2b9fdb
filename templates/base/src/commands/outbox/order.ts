// What the arguments of npm run outbox ask for.
import { letterStates, type LetterState } from '#app/platform/outbox/letters.ts';
import { limitOf, parseOrder, stateOf } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run outbox -- list [--state <state>] [--limit <count>] [--json]
       npm run outbox -- replay <id>… [--json]
       npm run outbox -- replay --dead [--json]
       npm run outbox -- discard <id>… [--json]

list     shows what is not delivered, the oldest first; --state ${letterStates.join(', ')}
replay   has what failed or was given up delivered again; --dead all that was given up
discard  removes what is not to be delivered

Examples:
  npm run outbox -- list --state dead
  npm run outbox -- replay --dead`;

const options = {
  state: { type: 'string' },
  limit: { type: 'string' },
  dead: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

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

export type Order = ListOrder | ChangeOrder;

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const [command, ...ids] = positionals;
  const { state, limit, dead = false, json = false } = values;
  if (command === 'list' && ids.length === 0 && !dead) {
    return { command, state: stateOf(letterStates, state), limit: limitOf(limit), json };
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
