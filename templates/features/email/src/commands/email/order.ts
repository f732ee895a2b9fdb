// What the arguments of npm run email ask for.
import { Email } from '#app/domains/auth/schemas.ts';
import { limitOf, parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run email -- list [--beginning <text>] [--limit <count>] [--json]
       npm run email -- suppress <address>… [--json]
       npm run email -- allow <address>… [--json]

list      shows the addresses that get no mail, and why
suppress  has an address get no more mail
allow     has it get mail again; what was not sent meanwhile does not come afterwards

Examples:
  npm run email -- list --beginning ann
  npm run email -- allow ann@example.com`;

const options = {
  beginning: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
} as const;

export interface ListOrder {
  readonly command: 'list';
  readonly beginning: string | undefined;
  readonly limit: number;
  readonly json: boolean;
}

export interface ChangeOrder {
  readonly command: 'suppress' | 'allow';
  readonly addresses: readonly string[];
  readonly json: boolean;
}

export type Order = ListOrder | ChangeOrder;

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const [command, ...given] = positionals;
  const { beginning, limit, json = false } = values;
  if (command === 'list' && given.length === 0) {
    return { command, beginning, limit: limitOf(limit), json };
  }
  const isChange = command === 'suppress' || command === 'allow';
  if (!isChange || given.length === 0 || beginning !== undefined || limit !== undefined) {
    throw new CommandError(usage, 'badInput');
  }
  return { command, addresses: given.map(addressOf), json };
}

/** As users have it: in lower case. */
function addressOf(text: string): string {
  const { data } = Email.safeParse(text);
  if (data === undefined) throw new CommandError(`${text} is no address.`, 'badInput');
  return data;
}
