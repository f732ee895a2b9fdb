import type { BackgroundWork } from '#app/background.ts';
import type { Services } from '#app/lifecycle.ts';
import { startLoop } from '../loop.ts';
import { isAnybodyThere } from './presence.ts';
import { doesJobsInWeb } from './settings.ts';
import { openJobWorker } from './worker.ts';

const lookPause = 10_000;
const nobody = 'Nobody does jobs: start npm run worker, or set JOBS_IN_WEB=true.';

/** Does jobs beside the requests, by setting; else it looks whether another process does them. */
export async function jobsInWeb(services: Services): Promise<BackgroundWork> {
  return doesJobsInWeb(services.settings) ? openJobWorker(services) : watchWorkers(services);
}

/**
 * Says where no process does jobs. It takes two looks that find none, since one may just be starting.
 *
 * @param options.pause milliseconds between two looks; for tests
 */
export async function watchWorkers(
  services: Services,
  { pause = lookPause }: { pause?: number } = {},
): Promise<BackgroundWork & { readonly problem: string | undefined }> {
  const { log } = services;
  let absent = 0;
  const loop = startLoop({ name: 'job workers', pause, log }, async () => {
    if (services.redis.problem !== undefined) return;
    absent = (await isAnybodyThere(services)) ? 0 : absent + 1;
    if (absent === 2) log.warn(nobody);
  });
  return {
    get problem() {
      return absent < 2 ? undefined : nobody;
    },
    close: () => loop.close(),
  };
}
