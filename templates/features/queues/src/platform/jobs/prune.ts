import { and, inArray, lt, sql } from 'drizzle-orm';
import { now } from '#app/database/clock.ts';
import type { Database } from '#app/database/database.ts';
import { daysKept } from './job-rows.ts';
import { queueJobEffects, queueJobs } from './models.ts';

const batch = 1000;

/**
 * Removes what was done or discarded long ago, a batch at a time so that nothing is locked for long.
 * What a job has done is known for as long as the job is there, and can be begun again.
 */
export async function pruneJobs({ queries }: Database): Promise<void> {
  const over = inArray(queueJobs.state, ['completed', 'discarded']);
  await inParts(() =>
    queries
      .delete(queueJobs)
      .where(and(over, lt(queueJobs.nextAt, now)))
      .limit(batch),
  );
  const old = sql`UTC_TIMESTAMP(3) - INTERVAL ${daysKept} DAY`;
  const ofNone = sql`NOT EXISTS (SELECT 1 FROM ${queueJobs} WHERE ${queueJobs.id} = ${queueJobEffects.jobId})`;
  await inParts(() =>
    queries
      .delete(queueJobEffects)
      .where(and(sql`${queueJobEffects.createdAt} < ${old}`, ofNone))
      .limit(batch),
  );
}

async function inParts(remove: () => PromiseLike<[{ affectedRows: number }, ...unknown[]]>) {
  let removed = batch;
  while (removed === batch) [{ affectedRows: removed }] = await remove();
}
