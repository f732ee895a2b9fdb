import type { Database } from '#app/database/database.ts';
import {
  discardJob,
  listJobs,
  retryJob,
  type JobRecord,
  type Outcome,
  type RecordState,
} from '#app/platform/jobs/job-records.ts';
import type { JobQueue } from '#app/platform/jobs/job-queue.ts';
import { jobs } from '#app/platform/jobs/list.ts';
import { listSchedules, type ScheduleRecord } from '#app/platform/jobs/schedules.ts';
import { operator } from '../operator.ts';
import { carryOut, type Print } from '../orders.ts';
import { CommandError } from '../run.ts';
import type { ChangeOrder, ListOrder, Order } from './order.ts';

interface Deps {
  readonly database: Database;
  readonly jobQueue: Pick<JobQueue, 'activeIds' | 'remove'>;
}

const done = { retry: 'is done again, within seconds', discard: 'will not be done' };

const refusals: Record<Exclude<Outcome, 'done'>, string> = {
  missing: 'is not there',
  waiting: 'is waiting already',
  delayed: 'is waiting for its next attempt',
  active: 'is under way just now: look again when it is over',
  completed: 'is done already',
  failed: 'has failed',
  discarded: 'is discarded',
  unknown: 'may be under way, and Redis does not say: try again when it is there',
};

/**
 * Carries an order out.
 *
 * @throws CommandError that names each job to which it could not be done
 */
export async function runJobs(order: Order, deps: Deps, print: Print): Promise<void> {
  if (order.command !== 'list') await change(deps, order, print);
  else if (order.state === 'scheduled') await listScheduled(deps.database, order, print);
  else await list(deps, { ...order, state: order.state }, print);
}

async function list(
  deps: Deps,
  { state, limit, json }: ListOrder & { state: RecordState | undefined },
  print: Print,
): Promise<void> {
  const found = await listJobs(deps, { state, limit }).catch((cause: unknown) => {
    if (state !== 'active') throw cause;
    const message = 'Redis, which knows what is under way, does not answer. Is it running?';
    throw new CommandError(message, 'precondition');
  });
  if (json) print(JSON.stringify({ jobs: found }));
  else print(found.length === 0 ? 'There is nothing.' : found.map(lineOf).join('\n'));
}

function lineOf({ id, name, state, attempts, availableAt, lastError }: JobRecord): string {
  const due = availableAt === null ? '' : `due ${availableAt.toISOString()}`;
  const parts = [id, state.padEnd(9), name, `${attempts} attempts`, due, lastError ?? ''];
  return parts.filter(Boolean).join('  ');
}

async function listScheduled(
  database: Database,
  { limit, json }: ListOrder,
  print: Print,
): Promise<void> {
  const all = await listSchedules(database, Object.values(jobs));
  const schedules = all.slice(0, limit);
  if (json) print(JSON.stringify({ schedules }));
  else print(schedules.length === 0 ? 'There is nothing.' : schedules.map(scheduleLine).join('\n'));
}

function scheduleLine({ name, when, nextAt }: ScheduleRecord): string {
  const next = nextAt === null ? 'when a worker starts' : `next ${nextAt.toISOString()}`;
  return [name, when, next].join('  ');
}

async function change(
  deps: Deps,
  { command, ids, json }: ChangeOrder,
  print: Print,
): Promise<void> {
  await carryOut({
    ids: ids === 'failed' ? await failedIds(deps) : ids,
    json,
    apply: (id) =>
      command === 'retry'
        ? retryJob(deps.database, id, operator())
        : discardJob(deps, id, operator()),
    done: done[command],
    refusals,
    print,
  });
}

async function failedIds(deps: Deps): Promise<string[]> {
  const failed = await listJobs(deps, { state: 'failed' });
  return failed.map(({ id }) => id).toReversed();
}
