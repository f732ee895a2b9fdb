import { setMaxListeners } from 'node:events';
import type { BackgroundWork } from '#app/background.ts';
import type { Services } from '#app/lifecycle.ts';
import { startLoop } from '../loop.ts';
import { openCompletions } from './completions.ts';
import type { AnyJob } from './define-job.ts';
import { doJob } from './do-job.ts';
import { receiveJobs } from './receive.ts';
import { jobs as allJobs } from './list.ts';
import { offerWhatWaits } from './offer-again.ts';
import { tellPresence } from './presence.ts';
import { pruneJobs } from './prune.ts';
import { forgetSchedules, planRuns } from './schedules.ts';

/** Milliseconds in which what is under way may end when the process stops; then it is given back. */
const drainTimeout = 20_000;
/** Milliseconds between two looks for runs that are due. */
const planPause = 1000;
const presencePause = 10_000;
const prunePause = 3_600_000;

export interface WorkerOptions {
  readonly jobs?: readonly AnyJob[];
  readonly drainTimeout?: number;
  readonly stalledPause?: number;
}

/**
 * Does jobs until it is closed.
 *
 * @param options for tests: which jobs there are, and how long everything takes
 */
export async function openJobWorker(
  services: Services,
  options: WorkerOptions = {},
): Promise<BackgroundWork> {
  const { log, database } = services;
  const jobs = options.jobs ?? Object.values(allJobs);
  const stopped = new AbortController();
  // Each job that is under way listens.
  setMaxListeners(0, stopped.signal);
  const completions = openCompletions(services, stopped.signal);
  const deps = { services, jobs, completions, stopping: stopped.signal };
  const receiving = receiveJobs(services, (queued) => doJob(deps, queued), options);

  const offers = offerWhatWaits(services);
  let begun = false;
  const plan = async (): Promise<void> => {
    if (!begun) await forgetSchedules(database, jobs);
    begun = true;
    if (await planRuns(services, jobs)) offers.wake();
  };
  const loops = [
    offers,
    startLoop({ name: 'job schedules', pause: planPause, log }, plan),
    startLoop({ name: 'job worker', pause: presencePause, log }, () => tellPresence(services)),
    startLoop({ name: 'job pruning', pause: prunePause, log }, () => pruneJobs(database)),
  ];

  return {
    async close() {
      const timer = setTimeout(() => stopped.abort(), options.drainTimeout ?? drainTimeout);
      await Promise.all([receiving, ...loops].map((each) => each.close()));
      await completions.close();
      clearTimeout(timer);
    },
  };
}
