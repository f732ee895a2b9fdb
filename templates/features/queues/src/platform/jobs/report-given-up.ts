import { z } from 'zod';
import { countOutbox } from '../outbox/letters.ts';
import { defineJob } from './define-job.ts';
import { countJobs } from './job-records.ts';

/** Says each day what was given up and still waits for somebody to decide, where there is any. */
export const reportGivenUp = defineJob({
  name: 'report-given-up',
  payload: z.strictObject({}),
  schedule: { cron: '0 6 * * *', payload: {} },
  async handle(_payload, { log, services: { database } }) {
    const [{ dead: deliveries }, { failed: jobs }] = await Promise.all([
      countOutbox(database),
      countJobs(database),
    ]);
    if (deliveries + jobs === 0) return;
    log.warn(
      { deliveries, jobs },
      'what was given up waits for a decision: npm run outbox -- list --state dead, npm run jobs -- list',
    );
  },
});
