// The jobs that Redis hands out to this process.
import { Worker, type Job as Queued } from 'bullmq';
import type { Services } from '#app/lifecycle.ts';
import { Later } from './do-job.ts';
import { inTime } from './in-time.ts';
import { queueName, type QueuedJob } from './job-queue.ts';

/** Milliseconds after which Redis hands out a job again whose process does not say that it is on it. */
const lockDuration = 30_000;
/** Milliseconds between two looks for such jobs; the second that finds one hands it out. */
const stalledPause = 10_000;
/** Milliseconds in which Redis is told what became of the last jobs; where it is gone, it is not. */
const farewell = 2000;

/**
 * Does what Redis hands out, so much at once, until it is closed.
 *
 * @param work does a job; what it throws says what becomes of it, as in doJob
 */
export function receiveJobs(
  { settings, log, redis, jobQueue }: Services,
  work: (queued: Queued<QueuedJob>) => Promise<void>,
  options: { readonly stalledPause?: number },
): { close(): Promise<void> } {
  const { prefix } = jobQueue;
  // An answer that is lost with its connection would be waited for without end: what was asked is asked
  // again. A job that was handed out twice by that is left, and found by its lock.
  const connection = jobQueue.connection.duplicate({ autoResendUnfulfilledCommands: true });
  // That Redis is gone is said by its own client.
  connection.on('error', () => {});
  const underWay = new Set<Promise<void>>();
  let worker: Worker<QueuedJob> | undefined;

  const begin = (): void => {
    worker = new Worker<QueuedJob>(
      queueName,
      async (queued) => {
        const doing = work(queued);
        underWay.add(doing);
        await doing.finally(() => underWay.delete(doing));
      },
      {
        connection,
        prefix,
        concurrency: settings.JOBS_WORKERS,
        lockDuration,
        stalledInterval: options.stalledPause ?? stalledPause,
        // A job that ends its process each time is given up by its attempts: see doJob.
        maxStalledCount: Number.MAX_SAFE_INTEGER,
        settings: {
          backoffStrategy: (_attempts, _type, error) => (error instanceof Later ? error.pause : 0),
        },
      },
    );
    worker.on('error', (err) => {
      // That Redis is gone is said by its own client.
      if (redis.problem === undefined)
        log.warn({ err }, 'Redis does not hand out jobs as it should');
    });
    worker.on('stalled', (jobKey) => {
      log.warn({ jobKey }, 'a job was left by who had it, and is handed out again');
    });
  };
  // Before there is a Redis it could not be closed.
  if (connection.status === 'ready') begin();
  else connection.once('ready', begin);

  return {
    async close() {
      connection.off('ready', begin);
      if (worker === undefined) {
        connection.disconnect();
        return;
      }
      const closed = worker.close();
      while (underWay.size > 0) await Promise.allSettled(underWay);
      await inTime(closed, farewell).catch((err: unknown) => {
        log.warn(
          { err },
          'Redis was not told what became of the last jobs: it hands them out again',
        );
      });
      connection.disconnect();
    },
  };
}
