// npm run jobs -- list | retry <id>… | retry --all | discard <id>…: the jobs that are not done, and those that
// failed.
import { createLog } from '#app/log.ts';
import { openJobQueue } from '#app/platform/jobs/job-queue.ts';
import { openRedis } from '#app/platform/redis/redis.ts';
import { redisSettings } from '#app/platform/redis/settings.ts';
import { readOrder, usage } from './jobs/order.ts';
import { runJobs } from './jobs/run-jobs.ts';
import { runCommand } from './run.ts';
import { databaseCommandSettings, withDatabase } from './with-database.ts';

await runCommand(
  { ...databaseCommandSettings, ...redisSettings },
  async (settings) => {
    const order = readOrder(process.argv.slice(2));
    await withDatabase(settings, async (database, sealing) => {
      const log = createLog({ LOG_LEVEL: 'silent' });
      const redis = await openRedis({ settings, log });
      const jobQueue = await openJobQueue({ log, database, sealing, redis });
      try {
        await runJobs(order, { database, jobQueue }, (text) => console.log(text));
      } finally {
        await jobQueue.close();
        await redis.close();
      }
    });
  },
  { usage },
);
