import { countJobs } from '../jobs/job-records.ts';
import type { Figures } from './figure.ts';

export const jobFigures: Figures = {
  about: {
    jobs: 'Jobs that failed, are due, or are due later; of each, at most 100001 are counted.',
  },
  states: ['failed', 'waiting', 'delayed'],
  async read(database) {
    const counts = await countJobs(database);
    return Object.entries(counts).map(([state, value]) => ({ name: 'jobs', state, value }));
  },
};
