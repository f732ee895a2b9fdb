// What the arguments of npm run billing ask for.
import { parseOrder } from '../orders.ts';
import { CommandError } from '../run.ts';

export const usage = `Usage: npm run billing -- plans diff [--json]
       npm run billing -- plans push [--dry-run] [--json]
       npm run billing -- reconcile [--repair] [--json]

plans diff  compares plans.ts with the prices that Stripe has; exit code 3 where they differ
plans push  makes the prices that Stripe lacks; removes nothing; --dry-run only says which
reconcile   compares all subscriptions with Stripe's, and finds events that Stripe could not deliver;
            exit code 3 where there is something; --repair writes what Stripe says, and has the
            service process the events

Examples:
  npm run billing -- plans push --dry-run
  npm run billing -- reconcile --repair`;

const options = {
  repair: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export interface Order {
  readonly command: 'plans diff' | 'plans push' | 'reconcile';
  /** Whether something may be written. */
  readonly write: boolean;
  readonly json: boolean;
}

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const { repair, 'dry-run': dryRun, json = false } = values;
  switch (positionals.join(' ')) {
    case 'plans diff':
      if (repair ?? dryRun) break;
      return { command: 'plans diff', write: false, json };
    case 'plans push':
      if (repair) break;
      return { command: 'plans push', write: dryRun !== true, json };
    case 'reconcile':
      if (dryRun) break;
      return { command: 'reconcile', write: repair === true, json };
    default:
  }
  throw new CommandError(usage, 'badInput');
}
