import { expect, test } from 'vitest';
import { watchWorkers } from '#app/platform/jobs/in-web.ts';
import { doesJobsInWeb } from '#app/platform/jobs/settings.ts';
import { tellPresence } from '#app/platform/jobs/presence.ts';
import { soon, useJobs } from './support/jobs.ts';

const jobs = useJobs();

test('jobs are done beside the requests but for production, unless it is said otherwise', () => {
  const settings = { JOBS_WORKERS: 5, WORKER_PORT: undefined };
  for (const [NODE_ENV, JOBS_IN_WEB, expected] of [
    ['production', undefined, false],
    ['production', true, true],
    ['development', undefined, true],
    ['test', undefined, true],
    ['test', false, false],
  ] as const) {
    expect(doesJobsInWeb({ ...settings, NODE_ENV, JOBS_IN_WEB })).toBe(expected);
  }
});

test('a service whose jobs nobody does warns once, and is degraded until somebody does', async () => {
  const watch = await watchWorkers(jobs.services, { pause: 20 });
  try {
    await expect.poll(() => watch.problem, soon).toContain('Nobody does jobs');
    await tellPresence(jobs.services);
    await expect.poll(() => watch.problem, soon).toBeUndefined();
    expect(jobs.lines.filter(({ msg }) => String(msg).includes('Nobody does jobs'))).toHaveLength(
      1,
    );
  } finally {
    await watch.close();
  }
});
