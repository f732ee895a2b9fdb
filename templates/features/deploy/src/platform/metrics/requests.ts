import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { signInRoutes } from './sign-in-routes.ts';

/** What Node.js tells on this channel when a server has read a request's head. */
const started = 'http.server.request.start';

interface Started {
  readonly request: IncomingMessage & { readonly route?: { readonly path: unknown } };
  readonly response: ServerResponse;
  readonly server: Server;
}

const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/**
 * Measures each request of this process, by the pattern of its route: addresses hold ids, and there is
 * no end of them.
 *
 * @param own the server of the metrics, whose requests do not count
 * @returns what ends it
 */
export function measureRequests(registry: Registry, own: Server): () => void {
  const registers = [registry];
  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'From the head of a request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers,
  });
  const inFlight = new Gauge({
    name: 'http_requests_in_flight',
    help: 'Requests that are being answered.',
    registers,
  });
  const failed = new Counter({
    name: 'sign_ins_failed_total',
    help: 'Sign-ins that were refused.',
    labelNames: ['area'],
    registers,
  });

  const measure = (message: unknown): void => {
    const { request, response, server } = message as Started;
    if (server === own) return;
    const stop = duration.startTimer();
    inFlight.inc();
    response.once('close', () => {
      inFlight.dec();
      const { path } = request.route ?? {};
      const route = typeof path === 'string' ? path : 'none';
      const { method: sent = '' } = request;
      const method = knownMethods.has(sent) ? sent : 'other';
      // 499, as nginx has it: the client left before the answer was there.
      const status = response.writableFinished ? response.statusCode : 499;
      stop({ method, route, status });
      const area = method === 'POST' ? signInRoutes[route] : undefined;
      if (area !== undefined && [401, 422, 429].includes(status)) failed.inc({ area });
    });
  };
  subscribe(started, measure);
  return () => unsubscribe(started, measure);
}
