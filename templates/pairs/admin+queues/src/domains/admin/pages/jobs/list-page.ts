// The jobs that failed and wait, those under way and done, and the schedules.
import { html } from 'ghtml';
import { z } from 'zod';
import {
  countJobs,
  listJobs,
  recordStates,
  retryFailed,
  type JobRecord,
} from '#app/platform/jobs/job-records.ts';
import { jobs } from '#app/platform/jobs/list.ts';
import { listSchedules, type ScheduleRecord } from '#app/platform/jobs/schedules.ts';
import { actorOf } from '../../operator.ts';
import { table } from '../components/table.ts';
import { link, moment, section, text } from '../components/values.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';
import { formatCount } from '../home/count.ts';
import { jobState } from './job-state.ts';

/** Jobs on the page: the newest of those that are over, the oldest of the others. */
const most = 100;
/** Jobs that are retried at once: each is a transaction. */
const batch = 100;

const query = z.object({ state: z.enum(recordStates).optional().catch(undefined) });

const retryAll = defineAction({
  label: 'Do again all that failed',
  permission: 'jobs.change',
  done: `The oldest of those that failed are done again, ${batch} at a time: the counts say how many are left.`,
  run: async ({ services: { database }, operator }) => {
    await retryFailed(database, { actor: actorOf(operator), limit: batch });
  },
});

export const jobsPage = defineAdminPage({
  path: '/jobs',
  title: 'Jobs',
  navigation: 'Jobs',
  permission: 'jobs.read',
  query,
  load: async ({ services, query: { state } }) => {
    const { database } = services;
    const [counts, schedules, found] = await Promise.all([
      countJobs(database),
      listSchedules(database, Object.values(jobs)),
      // Redis, which knows what is under way, may be gone.
      listJobs(services, { state, limit: most }).catch((error: unknown) => {
        if (state !== 'active') throw error;
        return undefined;
      }),
    ]);
    return { counts, schedules, found, state };
  },
  view: ({ counts, schedules, found, state }, view) =>
    html`!${stateList(counts)} !${counts.failed === 0 ? '' : view.form('retryAll')}
    !${
      found === undefined
        ? html`<p class="hint">Redis, which knows what is under way, does not answer.</p>`
        : jobTable(found, state)
    }
    !${section('Schedules', scheduleTable(schedules))}`,
  actions: { retryAll },
});

function stateList(counts: Readonly<Partial<Record<JobRecord['state'], number>>>): string {
  return html`<ul class="counts">
    !${recordStates.map((state) => {
      const count = counts[state];
      return html`<li>
        <a href="/admin/jobs?state=${state}">!${jobState(state)}</a>
        ${count === undefined ? '' : formatCount(count)}
      </li>`;
    })}
  </ul>`;
}

function jobTable(found: readonly JobRecord[], state: JobRecord['state'] | undefined): string {
  const caption = state === undefined ? 'Jobs that failed or wait' : `Jobs that are ${state}`;
  return table(
    found,
    [
      { title: 'Job', cell: ({ id, name }) => link(`/admin/jobs/${id}`, name) },
      { title: 'State', cell: (job) => jobState(job.state) },
      { title: 'Attempts', cell: ({ attempts }) => text(attempts), align: 'end' },
      { title: 'Due', cell: ({ availableAt }) => moment(availableAt) },
      { title: 'Finished', cell: ({ finishedAt }) => moment(finishedAt) },
      { title: 'Last error', cell: ({ lastError }) => text(lastError) },
    ],
    {
      caption: found.length < most ? caption : `${caption}, ${most} of them`,
      empty: 'There is no such job.',
    },
  );
}

function scheduleTable(schedules: readonly ScheduleRecord[]): string {
  return table(
    schedules,
    [
      { title: 'Job', cell: ({ name }) => text(name) },
      { title: 'When', cell: ({ when }) => text(when) },
      { title: 'Next', cell: ({ nextAt }) => moment(nextAt) },
    ],
    { caption: 'Jobs that have a schedule', empty: 'No job has a schedule.' },
  );
}
