// What the arguments of npm run db:lint ask for.
import { parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';
import { rules } from './rules.ts';

export const usage = `Usage: npm run db:lint -- [--since <git ref>] [--json]

Looks for what a deployment under load does not survive in the migrations that are not released:
all of them, or those that the ref does not have, which then go out together.

${Object.entries(rules)
  .map(([rule, text]) => `${rule.padEnd(13)} ${text}`)
  .join('\n')}

-- db-lint: allow <rule>: <reason>   in a statement allows it

It ends with 1 where there is something.`;

export interface Order {
  /** The git ref of what is released. */
  readonly since: string | undefined;
  readonly json: boolean;
}

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const options = { since: { type: 'string' }, json: { type: 'boolean' } } as const;
  const { positionals, values } = parseOrder(args, options, usage);
  const { since, json = false } = values;
  // git takes what begins with a dash for an option.
  const isRef = since === undefined || /^[^-\s]\S*$/.test(since);
  if (positionals.length > 0 || !isRef) throw new CommandError(usage, 'badInput');
  return { since, json };
}
