// What the arguments of npm run webhooks ask for.
import { eventStates, type EventState } from '#app/domains/billing/webhooks/stored-events.ts';
import { limitOf, parseOrder, stateOf } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run webhooks -- list [--state <state>] [--limit <count>] [--json]
       npm run webhooks -- show <id> [--payload] [--json]
       npm run webhooks -- replay <id>… [--json]
       npm run webhooks -- replay --dead [--json]
       npm run webhooks -- replay --ignored [--type <type>] [--json]
       npm run webhooks -- discard <id>… [--reason <why>] [--json]

list     shows what is not done, the oldest first; --state ${eventStates.join(', ')}
show     shows one; --payload also what Stripe sent, which is about a customer: that it was read is
         in the audit log
replay   has events processed again, which is safe; --dead all that were given up; --ignored all that
         came when there was no handler for them, and have one now; --type only those of a type
discard  has nothing done about what waits, failed or was given up, or ends the process each time

An <id> is the number of a row or Stripe's evt_…

Examples:
  npm run webhooks -- list --state dead
  npm run webhooks -- show evt_1SYmtX2eZvKYlo2C0hL2bGkR
  npm run webhooks -- discard 4711 --reason 'refunded by hand'`;

const options = {
  state: { type: 'string' },
  limit: { type: 'string' },
  dead: { type: 'boolean' },
  ignored: { type: 'boolean' },
  type: { type: 'string' },
  payload: { type: 'boolean' },
  reason: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export interface ListOrder {
  readonly command: 'list';
  readonly state: EventState | undefined;
  readonly limit: number;
  readonly json: boolean;
}

export interface ShowOrder {
  readonly command: 'show';
  readonly id: string;
  readonly payload: boolean;
  readonly json: boolean;
}

export interface ReplayOrder {
  readonly command: 'replay';
  /** Whose; `dead` for all that were given up, `ignored` for all that had no handler then. */
  readonly ids: readonly string[] | 'dead' | 'ignored';
  /** Of those that had no handler, only these. */
  readonly type: string | undefined;
  readonly json: boolean;
}

export interface DiscardOrder {
  readonly command: 'discard';
  readonly ids: readonly string[];
  readonly reason: string | undefined;
  readonly json: boolean;
}

export type Order = ListOrder | ShowOrder | ReplayOrder | DiscardOrder;

/** The options that each takes besides --json. */
const taken: Readonly<Record<Order['command'], readonly string[]>> = {
  list: ['state', 'limit'],
  show: ['payload'],
  replay: ['dead', 'ignored', 'type'],
  discard: ['reason'],
};

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const [command, ...ids] = positionals;
  const { json = false, ...rest } = values;
  if (!isCommand(command) || Object.keys(rest).some((name) => !taken[command].includes(name))) {
    throw wrong();
  }
  const malformed = ids.find((id) => !/^(?:\d{1,15}|evt_\w{1,250})$/.test(id));
  if (command !== 'list' && malformed !== undefined) {
    throw new CommandError(
      `${malformed} is no id; npm run webhooks -- list shows them.`,
      'badInput',
    );
  }
  const { state, limit, dead = false, ignored = false, type, payload = false, reason } = rest;
  const [id] = ids;
  switch (command) {
    case 'list':
      if (id !== undefined) throw wrong();
      return { command, state: stateOf(eventStates, state), limit: limitOf(limit), json };
    case 'show':
      if (id === undefined || ids.length > 1) throw wrong();
      return { command, id, payload, json };
    case 'replay':
      if ([dead, ignored, ids.length > 0].filter(Boolean).length !== 1) throw wrong();
      if (type !== undefined && !ignored) throw wrong();
      return { command, ids: whichOf({ dead, ignored }) ?? ids, type, json };
    case 'discard':
      if (id === undefined) throw wrong();
      return { command, ids, reason, json };
  }
}

function whichOf({ dead, ignored }: { dead: boolean; ignored: boolean }) {
  if (dead) return 'dead';
  return ignored ? 'ignored' : undefined;
}

function isCommand(text: string | undefined): text is Order['command'] {
  return text !== undefined && Object.hasOwn(taken, text);
}

function wrong(): CommandError {
  return new CommandError(usage, 'badInput');
}
