// Jobs that have a schedule are planned here, by the database's clock: whichever process is first at
// a time that has come writes the run down, and the others find that it was planned.
import { and, eq, notInArray } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import type { Services } from '#app/lifecycle.ts';
import type { Sealing } from '../sealing.ts';
import type { AnyJob, Job } from './define-job.ts';
import { claimJob, keepRun } from './job-rows.ts';
import { queueSchedules } from './models.ts';
import { nextTime } from './next-time.ts';
import { sealJob } from './seal-job.ts';

type Scheduled = Job<unknown> & { readonly schedule: NonNullable<Job<unknown>['schedule']> };

/** Those that are done without being asked for. */
export function scheduledIn(jobs: readonly AnyJob[]): Scheduled[] {
  return jobs.filter((job): job is Scheduled => job.schedule !== undefined);
}

/**
 * Plans the runs that are due. One whose time has passed while nothing ran is made up for, once; and
 * none is planned while the one before waits for its next attempt.
 *
 * @returns whether there are any
 */
export async function planRuns(
  { database, sealing }: Pick<Services, 'database' | 'sealing'>,
  jobs: readonly AnyJob[],
): Promise<boolean> {
  const scheduled = scheduledIn(jobs);
  if (scheduled.length === 0) return false;
  const rows = await database.queries
    .select({
      name: queueSchedules.name,
      plannedAt: queueSchedules.plannedAt,
      time: now.mapWith(queueSchedules.plannedAt),
    })
    .from(queueSchedules);
  const known = new Map(rows.map((row) => [row.name, row]));
  let planned = false;
  for (const job of scheduled) {
    const row = known.get(job.name);
    if (row === undefined) await beginSchedule(database, job.name);
    else if (nextTime(job.schedule, row.plannedAt) <= row.time) {
      planned = (await planRun({ database, sealing }, job, row.plannedAt)) || planned;
    }
  }
  return planned;
}

/** Forgets the schedules that there are no more. */
export async function forgetSchedules(
  { queries }: Database,
  jobs: readonly AnyJob[],
): Promise<void> {
  const names = scheduledIn(jobs).map(({ name }) => name);
  await queries
    .delete(queueSchedules)
    .where(names.length === 0 ? undefined : notInArray(queueSchedules.name, names));
}

/** A new schedule has its first run at its next time. */
async function beginSchedule({ queries }: Database, name: string): Promise<void> {
  await queries
    .insert(queueSchedules)
    .values({ name, plannedAt: now })
    .onDuplicateKeyUpdate({ set: { name } });
}

/** @returns false where another process has planned it, or the run before is not over */
function planRun(
  { database, sealing }: { database: Database; sealing: Sealing },
  { name, schedule }: Scheduled,
  plannedAt: Date,
): Promise<boolean> {
  const id = `${name}@${stampOf(nextTime(schedule, plannedAt))}`;
  return database.transaction(async (tx) => {
    const [row] = await tx
      .select({ lastJobId: queueSchedules.lastJobId })
      .from(queueSchedules)
      .where(and(eq(queueSchedules.name, name), eq(queueSchedules.plannedAt, plannedAt)))
      .for('update');
    if (row === undefined) return false;
    if (row.lastJobId !== null && (await claimJob({ queries: tx }, row.lastJobId))) return false;
    await tx
      .update(queueSchedules)
      .set({ plannedAt: now, lastJobId: id })
      .where(and(eq(queueSchedules.name, name), eq(queueSchedules.plannedAt, plannedAt)));
    const run = { id, name, accountId: null };
    await keepRun(tx, { ...run, payload: sealJob(sealing, run, schedule.payload) });
    return true;
  });
}

/** A moment as it is part of a key: `20261126T060000Z`. */
function stampOf(time: Date): string {
  return time.toISOString().replaceAll(/[-:]|\.\d+/g, '');
}

export interface ScheduleRecord {
  readonly name: string;
  /** As it is declared: `0 6 * * *`, `every 60 s`. */
  readonly when: string;
  /** Nothing where no worker has seen it yet. */
  readonly nextAt: Date | null;
}

/** The schedules that there are, by name. */
export async function listSchedules(
  { queries }: Database,
  jobs: readonly AnyJob[],
): Promise<ScheduleRecord[]> {
  const rows = await queries.select().from(queueSchedules);
  const known = new Map(rows.map((row) => [row.name, row.plannedAt]));
  return scheduledIn(jobs)
    .map(({ name, schedule }) => {
      const plannedAt = known.get(name);
      return {
        name,
        when: schedule.cron ?? `every ${schedule.every} s`,
        nextAt: plannedAt === undefined ? null : nextTime(schedule, plannedAt),
      };
    })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
