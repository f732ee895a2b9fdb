import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { createApp, type RouteGroup } from './app.ts';
import { withHookErrors, type HookOf } from './hook.ts';
import { docsRoutes } from './docs/routes.ts';
import { healthRoutes, type Watched } from './health.ts';
import { answerUnparsable, refuseUnreadableTarget } from './unparsable.ts';
import type { HttpSettings } from './settings.ts';
import { limitTime } from './time-limit.ts';

/** Milliseconds that requests which have begun may take to finish once the server stops. */
const drainTimeout = 25_000;

/** Milliseconds within which a service that is told to stop has stopped. */
export function stopTimeout(settings: Pick<HttpSettings, 'SHUTDOWN_DELAY_MS'>): number {
  return settings.SHUTDOWN_DELAY_MS + drainTimeout + 5000;
}

export interface HttpServer {
  /** Where it listens, as a URL. */
  readonly url: string;
  /** Serves what has begun, refuses what is new, and resolves when every connection is closed. */
  close(): Promise<void>;
}

/** Listens with every domain's routes and the service's own: health, readiness, documentation. */
export async function openServer(
  deps: {
    settings: HttpSettings;
    log: Log;
    database: Database;
    watched?: readonly Watched[];
    hooks?: readonly HookOf[];
  },
  domains: readonly RouteGroup[],
): Promise<HttpServer> {
  const { settings, log, hooks = [] } = deps;
  const state = { stopping: false };
  const groups = [...domains, { name: 'health', routes: healthRoutes(deps, state) }].map(
    ({ name, routes }) => ({ name, routes: routes.map((route) => withHookErrors(route, hooks)) }),
  );
  const docs = { name: 'docs', routes: docsRoutes(settings, groups) };

  const server = createServer(
    {
      // A client that sends slowly holds a connection; these bound for how long.
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
      // Longer than a proxy keeps its side (nginx: 60 s), so that it is never we who close a
      // connection on which the proxy is just sending a request.
      keepAliveTimeout: 65_000,
      requireHostHeader: false,
    },
    refuseUnreadableTarget({ settings, log }, createApp(deps, [...groups, docs])),
  );
  const answering = trackAnswers(server, state);
  answerUnparsable(server, { settings, log }, answering);
  const stopLooking = limitTime(answering, settings);

  server.listen(settings.PORT, settings.HOST);
  await once(server, 'listening');

  return {
    url: urlOf(server),
    async close() {
      state.stopping = true;
      for (const response of answering.keys()) sayGoodbye(response);
      await wait(settings.SHUTDOWN_DELAY_MS);
      await drain(server);
      stopLooking();
    },
  };
}

/**
 * The answers under way, and when each began, by `performance.now()`. From the moment of stopping,
 * each closes its connection.
 */
function trackAnswers(
  server: Server,
  state: { stopping: boolean },
): ReadonlyMap<ServerResponse, number> {
  const answering = new Map<ServerResponse, number>();
  server.prependListener('request', (_request, response) => {
    answering.set(response, performance.now());
    response.on('close', () => answering.delete(response));
    if (state.stopping) sayGoodbye(response);
  });
  return answering;
}

/** Without this a busy client keeps its connection, and closing the server waits for it for ever. */
function sayGoodbye(response: ServerResponse): void {
  if (!response.headersSent) response.setHeader('Connection', 'close');
}

async function drain(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), drainTimeout);
  await closed;
  clearTimeout(timer);
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
