// What an operator sees of jobs, and may do to them. Nobody sees a payload.
import { and, asc, desc, eq, gt, inArray, lte, notInArray, sql, type SQL } from 'drizzle-orm';
import { inSeconds, now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import { recordAct } from '../audit/audit.ts';
import type { JobQueue } from './job-queue.ts';
import { daysKept } from './job-rows.ts';
import { queueJobs } from './models.ts';

/** What is under way is known by Redis, and everything else by the database. */
export const recordStates = ['failed', 'waiting', 'delayed', 'active', 'completed'] as const;
export type RecordState = (typeof recordStates)[number];

const columns = {
  id: queueJobs.id,
  name: queueJobs.name,
  accountId: queueJobs.accountId,
  state: queueJobs.state,
  attempts: queueJobs.attempts,
  lastError: queueJobs.lastError,
  availableAt: queueJobs.availableAt,
  createdAt: queueJobs.createdAt,
  finishedAt: queueJobs.finishedAt,
};
const isDelayed = sql<number>`COALESCE(${queueJobs.availableAt} > ${now}, FALSE)`;
const shown = { ...columns, isDelayed };

type Row = Pick<typeof queueJobs.$inferSelect, keyof typeof columns>;

export interface JobRecord extends Omit<Row, 'state'> {
  readonly state: RecordState | 'discarded';
}

interface Deps {
  readonly database: Database;
  readonly jobQueue: Pick<JobQueue, 'activeIds' | 'remove'>;
}

/**
 * The jobs in a state: the newest first of those that are over, the oldest of the others. Without a
 * state, all that failed or wait. Without a limit, every one.
 *
 * @throws Error where those under way are asked for, and Redis does not say
 */
export async function listJobs(
  { database, jobQueue }: Deps,
  { state, limit }: { state?: RecordState | undefined; limit?: number },
): Promise<JobRecord[]> {
  const active = await activeOf(jobQueue, state);
  const rows = database.queries
    .select(shown)
    .from(queueJobs)
    .where(conditionOf(state, active))
    .orderBy(...orderOf(state));
  const found = await (limit === undefined ? rows : rows.limit(limit));
  return found.map((row) => recordOf(row, active));
}

/** One, whether it is over or not. Where Redis does not say that it is under way, it waits. */
export async function findJob(
  { database, jobQueue }: Deps,
  id: string,
): Promise<JobRecord | undefined> {
  const [row] = await database.queries.select(shown).from(queueJobs).where(eq(queueJobs.id, id));
  return row && recordOf(row, await activeOf(jobQueue, undefined));
}

/** How many there are; of a great many, the first hundred thousand of each are counted. */
export async function countJobs({
  queries,
}: Database): Promise<Record<'failed' | 'waiting' | 'delayed', number>> {
  const count = async (condition: SQL | undefined): Promise<number> => {
    const rows = queries
      .select({ id: queueJobs.id })
      .from(queueJobs)
      .where(condition)
      .limit(100_001)
      .as('rows');
    const [row] = await queries.select({ count: sql<number>`COUNT(*)` }).from(rows);
    return row?.count ?? 0;
  };
  const [failed, waiting, delayed] = await Promise.all([
    count(conditionOf('failed', [])),
    count(conditionOf('waiting', [])),
    count(conditionOf('delayed', [])),
  ]);
  return { failed, waiting, delayed };
}

/**
 * What became of an order: it was carried out, or in which state the job is that does not allow it;
 * there is no such job; or Redis, which is to be asked, does not answer.
 */
export type Outcome = 'done' | RecordState | 'discarded' | 'missing' | 'unknown';

/** Has a job that failed done again, as if it were new. */
export function retryJob(database: Database, id: string, actor: string): Promise<Outcome> {
  return act(database, { id, actor, action: 'job.retried' }, async (tx) => {
    const [{ affectedRows }] = await tx
      .update(queueJobs)
      .set({ state: 'waiting', attempts: 0, availableAt: now, nextAt: now, finishedAt: null })
      .where(and(eq(queueJobs.id, id), eq(queueJobs.state, 'failed')));
    return affectedRows === 1;
  });
}

/** The same for the oldest of all that failed. */
export async function retryFailed(
  database: Database,
  { actor, limit }: { actor: string; limit: number },
): Promise<void> {
  const rows = await database.queries
    .select({ id: queueJobs.id })
    .from(queueJobs)
    .where(eq(queueJobs.state, 'failed'))
    .orderBy(asc(queueJobs.nextAt), asc(queueJobs.id))
    .limit(limit);
  for (const { id } of rows) await retryJob(database, id, actor);
}

/** Has a job not done that failed or waits. One that is under way comes to its end. */
export async function discardJob(
  { database, jobQueue }: Deps,
  id: string,
  actor: string,
): Promise<Outcome> {
  const row = await findRow(database, id);
  if (row?.state === 'waiting') {
    // First there: who takes it from Redis meanwhile has it, and it is not waiting any more.
    const removed = await jobQueue.remove(id).catch(() => undefined);
    if (removed !== true) return removed === undefined ? 'unknown' : 'active';
  }
  return act(database, { id, actor, action: 'job.discarded' }, async (tx) => {
    const [{ affectedRows }] = await tx
      .update(queueJobs)
      .set({
        state: 'discarded',
        payload: Buffer.alloc(0),
        availableAt: null,
        nextAt: inSeconds(daysKept * 86_400),
        finishedAt: now,
      })
      .where(and(eq(queueJobs.id, id), inArray(queueJobs.state, ['waiting', 'failed'])));
    return affectedRows === 1;
  });
}

function act(
  database: Database,
  { id, actor, action }: { id: string; actor: string; action: string },
  change: (tx: Transaction) => Promise<boolean>,
): Promise<Outcome> {
  return database.transaction(async (tx) => {
    const row = await findRow({ queries: tx }, id);
    if (row === undefined) return 'missing';
    if (!(await change(tx))) return row.state;
    recordAct(tx, { actor, action, subject: `job:${id}`, detail: { job: row.name } });
    return 'done';
  });
}

async function findRow({ queries }: Pick<Database, 'queries'>, id: string) {
  const [row] = await queries
    .select({ name: queueJobs.name, state: queueJobs.state })
    .from(queueJobs)
    .where(eq(queueJobs.id, id));
  return row;
}

/** Redis may be gone: then nothing is under way that it would tell of. */
async function activeOf(
  jobQueue: Deps['jobQueue'],
  state: RecordState | undefined,
): Promise<string[]> {
  if (state !== undefined && state !== 'waiting' && state !== 'active') return [];
  const active = jobQueue.activeIds();
  return state === 'active' ? active : active.catch(() => []);
}

function conditionOf(state: RecordState | undefined, active: readonly string[]): SQL | undefined {
  const ids = [...active];
  const waiting = eq(queueJobs.state, 'waiting');
  switch (state) {
    case undefined:
      return inArray(queueJobs.state, ['failed', 'waiting']);
    case 'active':
      return and(eq(queueJobs.state, 'waiting'), inArray(queueJobs.id, ids));
    case 'waiting':
      return and(
        waiting,
        lte(queueJobs.availableAt, now),
        ids.length === 0 ? undefined : notInArray(queueJobs.id, ids),
      );
    case 'delayed':
      return and(waiting, gt(queueJobs.availableAt, now));
    case 'failed':
    case 'completed':
      return eq(queueJobs.state, state);
  }
}

function orderOf(state: RecordState | undefined): SQL[] {
  const over = state === 'failed' || state === 'completed';
  return over
    ? [desc(queueJobs.nextAt), desc(queueJobs.id)]
    : [asc(queueJobs.state), asc(queueJobs.id)];
}

function recordOf(row: Row & { isDelayed: number }, active: readonly string[]): JobRecord {
  const { isDelayed: delayed, state, ...rest } = row;
  if (state !== 'waiting') return { ...rest, state };
  if (active.includes(row.id)) return { ...rest, state: 'active' };
  return { ...rest, state: delayed === 1 ? 'delayed' : 'waiting' };
}
