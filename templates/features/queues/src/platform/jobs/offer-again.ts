import type { Services } from '#app/lifecycle.ts';
import { startLoop, type Loop } from '../loop.ts';
import { offerEverything, takeOffers } from './job-rows.ts';

const pause = 5000;
const batch = 500;

/**
 * Hands the jobs that wait to Redis again and again, and all of them as soon as there is a Redis that
 * may lack some. A job that it has is not added to it.
 */
export function offerWhatWaits({
  log,
  database,
  jobQueue,
}: Pick<Services, 'log' | 'database' | 'jobQueue'>): Loop {
  let isUnknown = true;

  const loop = startLoop({ name: 'job offers', pause, log }, async (closing) => {
    if (jobQueue.connection.status !== 'ready') return;
    if (isUnknown) {
      isUnknown = false;
      try {
        await jobQueue.onceForEachRun(() => offerEverything(database));
      } catch (error) {
        isUnknown = true;
        throw error;
      }
    }
    let found = batch;
    while (found === batch && !closing.aborted) {
      const offers = await takeOffers(database, batch);
      found = offers.length;
      if (found > 0 && !(await jobQueue.offer(offers))) return;
    }
  });
  const lookAgain = (): void => {
    isUnknown = true;
    loop.wake();
  };
  jobQueue.connection.on('ready', lookAgain);

  return {
    wake: () => loop.wake(),
    async close() {
      jobQueue.connection.off('ready', lookAgain);
      await loop.close();
    },
  };
}
