import { watchedIn } from '#app/http/health.ts';
import { openServer, type HttpServer } from '#app/http/server.ts';
import { openServices, type Services } from '#app/lifecycle.ts';
import type { Log } from '#app/log.ts';
import type { Running } from '#app/process.ts';
import type { Settings } from '#app/settings.ts';
import { openJobWorker } from './worker.ts';

/** Starts the service without its routes, to do jobs. Where WORKER_PORT is set it tells how it is. */
export async function startWorker(settings: Settings, log: Log): Promise<Running> {
  const opened = new AsyncDisposableStack();
  try {
    const open = <T extends { close(): Promise<void> }>(part: T): T =>
      opened.adopt(part, (it) => it.close());
    const { services } = open(await openServices(settings, log));
    const server = await openHealthServer(services);
    if (server !== undefined) open(server);
    // Last, so that it takes no more from the moment on in which this is told to stop.
    open(await openJobWorker(services));
    return { url: server?.url, stop: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function openHealthServer(services: Services): Promise<HttpServer | undefined> {
  const { settings } = services;
  const { WORKER_PORT: port } = settings;
  if (port === undefined) return undefined;
  const health = { ...services, settings: { ...settings, PORT: port } };
  return openServer({ ...health, watched: watchedIn(services) }, []);
}
