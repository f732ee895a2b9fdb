// What the arguments of npm run jobs ask for.
import { recordStates, type RecordState } from '#app/platform/jobs/job-records.ts';
import { limitOf, parseOrder, stateOf } from '../orders.ts';
import { CommandError } from '../run.ts';

export const listStates = [...recordStates, 'scheduled'] as const;

export const usage = `Usage: npm run jobs -- list [--state <state>] [--limit <count>] [--json]
       npm run jobs -- retry <id>… [--json]
       npm run jobs -- retry --all [--json]
       npm run jobs -- discard <id>… [--json]

list     shows the jobs that failed or wait; --state ${listStates.join(', ')}
retry    has jobs that failed done again, as if they were new; --all every one
discard  has jobs not done that failed or wait

Nobody is shown what a job was given.

Examples:
  npm run jobs -- list --state failed
  npm run jobs -- retry 019ac1f2-6a3b-7c4d-8e5f-0123456789ab
  npm run jobs -- discard report-given-up@20261126T060000Z`;

const options = {
  state: { type: 'string' },
  limit: { type: 'string' },
  all: { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

export interface ListOrder {
  readonly command: 'list';
  readonly state: RecordState | 'scheduled' | undefined;
  readonly limit: number;
  readonly json: boolean;
}

export interface ChangeOrder {
  readonly command: 'retry' | 'discard';
  /** Whose; `failed` for all that failed. */
  readonly ids: readonly string[] | 'failed';
  readonly json: boolean;
}

export type Order = ListOrder | ChangeOrder;

/** @throws CommandError that says what is wrong with the arguments */
export function readOrder(args: string[]): Order {
  const { positionals, values } = parseOrder(args, options, usage);
  const [command, ...ids] = positionals;
  const { state, limit, all = false, json = false } = values;
  if (command === 'list' && ids.length === 0 && !all) {
    return { command, state: stateOf(listStates, state), limit: limitOf(limit), json };
  }
  const isChange = (command === 'retry' || command === 'discard') && !(state ?? limit);
  if (!isChange || ids.length > 0 === all || (all && command === 'discard')) {
    throw new CommandError(usage, 'badInput');
  }
  const wrong = ids.find((id) => !jobIdPattern.test(id));
  if (wrong !== undefined) {
    throw new CommandError(`${wrong} is no id; npm run jobs -- list shows them.`, 'badInput');
  }
  return { command, ids: all ? 'failed' : ids, json };
}

const jobIdPattern = /^[\da-z][\da-z@TZ-]{0,79}$/;
