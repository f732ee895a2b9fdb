// The jobs themselves are here, and Redis only hands them out: what it forgets is handed to it again.
import {
  index,
  mysqlEnum,
  mysqlTable,
  primaryKey,
  smallint,
  varchar,
} from 'drizzle-orm/mysql-core';
import { asciiText, createdAt, longBytes, moment, uuid } from '#app/database/columns.ts';
import { accounts } from '#app/domains/accounts/models.ts';

/** The key of its delivery in the outbox; of a scheduled one, its name and when it was due. */
const jobId = (name: string) => asciiText(name, { length: 80 });
const jobName = (name: string) => asciiText(name, { length: 50 });

export const queueJobs = mysqlTable(
  'queue_jobs',
  {
    id: jobId('id').primaryKey(),
    /** Which job it is: `name` where that is defined. */
    name: jobName('name').notNull(),
    /** Whose it is; nothing where it is nobody's. */
    accountId: uuid('account_id').references(() => accounts.id),
    /** Sealed, and empty once all is over. */
    payload: longBytes('payload').notNull(),
    /** While it waits it may be under way: Redis knows that. */
    state: mysqlEnum('state', ['completed', 'discarded', 'failed', 'waiting'])
      .notNull()
      .default('waiting'),
    /** Those that failed. */
    attempts: smallint('attempts', { unsigned: true }).notNull().default(0),
    /** Why the last one failed. Holds nothing of the payload. */
    lastError: varchar('last_error', { length: 500 }),
    /** When the next attempt is due; null when all is over. */
    availableAt: moment('available_at'),
    /**
     * When it comes to hand next: one that waits is given to Redis again, in case it was forgotten
     * there; one that is over is removed. One that failed waits for an operator, since then.
     */
    nextAt: moment('next_at').notNull(),
    createdAt: createdAt(),
    finishedAt: moment('finished_at'),
  },
  (table) => [
    // The one for all that is looked for: each costs as much as the rest of what writes down that a job
    // is done.
    index('queue_jobs_state').on(table.state, table.nextAt),
  ],
);

/** What a job has done that must not be done again: see once.ts. */
export const queueJobEffects = mysqlTable(
  'queue_job_effects',
  {
    jobId: jobId('job_id').notNull(),
    /** Which, where a job has several. */
    effect: asciiText('effect', { length: 50 }).notNull(),
    createdAt: createdAt(),
  },
  (table) => [
    primaryKey({ columns: [table.jobId, table.effect] }),
    index('queue_job_effects_created').on(table.createdAt),
  ],
);

/** Up to when the runs of a job that has a schedule were planned. */
export const queueSchedules = mysqlTable('queue_schedules', {
  name: jobName('name').primaryKey(),
  plannedAt: moment('planned_at').notNull(),
  /** Its last run. */
  lastJobId: jobId('last_job_id'),
});
