// What the arguments of npm run licenses ask for.
import { z } from 'zod';
import { entitlementNames } from '#app/domains/licenses/entitlements.ts';
import type { NewGrant } from '#app/domains/licenses/grants.ts';
import { Entitlements, LastDay, Reason, Seats } from '#app/domains/licenses/schemas.ts';
import { parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run licenses -- list <account> [--json]
       npm run licenses -- grant <account> --reason <why> [--seats <count>] [--entitlements <names>]
                           [--expires <day>] [--replace] [--json]
       npm run licenses -- revoke <account> <id> --reason <why> [--json]

<account> is the id of an account, or the slug of an organization.

list    shows what is in force for an account, and what was granted to it
grant   grants seats and entitlements (${entitlementNames.join(', ')}) beside what is paid for, until the
        end of a day in UTC or without an end; --replace revokes the grants that are in force
revoke  has a grant count no more; members who have a seat by it keep it

Examples:
  npm run licenses -- grant acme --seats 25 --expires 2027-12-31 --reason 'contract 4711'
  npm run licenses -- list acme`;

const options = {
  seats: { type: 'string' },
  entitlements: { type: 'string' },
  expires: { type: 'string' },
  reason: { type: 'string' },
  replace: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export type Order = { readonly account: string; readonly json: boolean } & (
  | { readonly command: 'list' }
  | { readonly command: 'grant'; readonly given: NewGrant }
  | { readonly command: 'revoke'; readonly id: string; readonly reason: string }
);

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const [command, account, id, ...rest] = positionals;
  const { json = false, reason, replace, ...given } = values;
  const says = [replace, ...Object.values(given)].some((value) => value !== undefined);
  if (account === undefined || rest.length > 0) throw new CommandError(usage, 'badInput');

  if (command === 'list' && id === undefined && reason === undefined && !says) {
    return { command, account, json };
  }
  if (command === 'revoke' && id !== undefined && !says) {
    return { command, account, id: uuidOf(id), reason: valueOf('reason', Reason, reason), json };
  }
  if (command !== 'grant' || id !== undefined) throw new CommandError(usage, 'badInput');
  return {
    command,
    account,
    given: {
      seats: valueOf('seats', Seats.optional(), given.seats),
      entitlements: valueOf('entitlements', Entitlements, given.entitlements ?? ''),
      expiresAt: valueOf('expires', LastDay.optional(), given.expires),
      reason: valueOf('reason', Reason, reason),
      replaces: replace,
    },
    json,
  };
}

function uuidOf(id: string): string {
  if (z.uuid().safeParse(id).success) return id;
  throw new CommandError(`${id} is no id; npm run licenses -- list shows them.`, 'badInput');
}

function valueOf<Value>(option: string, schema: z.ZodType<Value>, text: string | undefined): Value {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  const why = text === undefined ? 'is needed.' : (result.error.issues[0]?.message ?? '');
  throw new CommandError(`--${option}: ${why}`, 'badInput');
}
