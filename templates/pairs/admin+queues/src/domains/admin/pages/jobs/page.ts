// One job, and what can be done about it. What it was given is shown to nobody.
import { html } from 'ghtml';
import { z } from 'zod';
import { notFound } from '#app/http/errors.ts';
import { discardJob, findJob, retryJob, type Outcome } from '#app/platform/jobs/job-records.ts';
import { actorOf } from '../../operator.ts';
import { facts } from '../components/facts.ts';
import { link, moment, text } from '../components/values.ts';
import { defineAction, defineAdminPage } from '../define-page.ts';
import { jobRefused } from './errors.ts';
import { jobState } from './job-state.ts';

const params = z.object({ id: z.string().regex(/^[\da-z][\da-zTZ@-]{0,79}$/) });

const retry = defineAction({
  label: 'Do it again',
  permission: 'jobs.change',
  params,
  done: 'It is done again, within seconds.',
  refusals: [jobRefused],
  run: async ({ services: { database }, operator, params: { id } }) => {
    requireDone(await retryJob(database, id, actorOf(operator)));
  },
});

const discard = defineAction({
  label: 'Discard',
  confirm: 'It is never done.',
  permission: 'jobs.change',
  params,
  done: 'It will not be done.',
  refusals: [jobRefused],
  run: async ({ services, operator, params: { id } }) => {
    requireDone(await discardJob(services, id, actorOf(operator)));
  },
});

export const jobPage = defineAdminPage({
  path: '/jobs/:id',
  permission: 'jobs.read',
  params,
  load: async ({ services, params: { id } }) => {
    const job = await findJob(services, id);
    if (job === undefined) throw notFound();
    return job;
  },
  title: ({ name }) => `Job ${name}`,
  view: (job, view) =>
    html`!${facts([
        ['Key', text(job.id)],
        ['Account', text(job.accountId)],
        ['State', jobState(job.state)],
        ['Attempts that failed', text(job.attempts)],
        ['Last error', text(job.lastError)],
        ['Due', moment(job.availableAt)],
        ['Enqueued', moment(job.createdAt)],
        ['Finished', moment(job.finishedAt)],
      ])}
      !${view.form('retry')} !${view.form('discard')}
      <p>!${link('/admin/jobs', 'All jobs')}</p>`,
  actions: { retry, discard },
});

const refusals: Record<Exclude<Outcome, 'done' | 'missing'>, string> = {
  waiting: 'It is waiting already.',
  delayed: 'It is waiting for its next attempt.',
  active: 'It is under way just now: look again when it is over.',
  completed: 'It is done already.',
  failed: 'It has failed.',
  discarded: 'It was discarded.',
  unknown: 'It may be under way, and Redis does not say: try again when it is there.',
};

/** @throws AppError job_refused where the job's state does not allow it, or not_found */
function requireDone(outcome: Outcome): void {
  if (outcome === 'done') return;
  if (outcome === 'missing') throw notFound();
  throw jobRefused({ detail: refusals[outcome] });
}
