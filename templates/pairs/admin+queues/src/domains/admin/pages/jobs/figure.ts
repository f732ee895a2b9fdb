import { countJobs } from '#app/platform/jobs/job-records.ts';
import { formatCount } from '../home/count.ts';
import { defineFigure } from '../home/define-figure.ts';

/** What is still to be done in the background, and what was given up. */
export const jobsFigure = defineFigure({
  title: 'Jobs',
  permission: 'jobs.read',
  async load({ database }) {
    const { failed, waiting, delayed } = await countJobs(database);
    return {
      value: `${formatCount(waiting + delayed)} waiting`,
      note: failed === 0 ? 'none failed' : `${formatCount(failed)} failed`,
      bad: failed > 0,
      to: failed > 0 ? '/admin/jobs?state=failed' : '/admin/jobs',
    };
  },
});
