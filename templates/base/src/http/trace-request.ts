import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Log } from '#app/log.ts';
import type { HttpSettings } from './settings.ts';
import { requestContext, type RequestContext } from './request-context.ts';

/**
 * Gives each request an id, sends it as `X-Request-Id`, and writes one log line when the answer has
 * been sent. The line holds no query string, header or body: tokens and addresses travel in those.
 */
export function traceRequest(settings: HttpSettings, log: Log): RequestHandler {
  return (request, response, next) => {
    const requestId = randomUUID();
    const context: RequestContext = { requestId, logFields: { requestId } };
    const { method, path } = request;
    const start = performance.now();

    response.setHeader('X-Request-Id', requestId);
    response.on('close', () => {
      log.info(
        {
          ...context.logFields,
          method,
          path,
          status: response.statusCode,
          durationMs: Math.round((performance.now() - start) * 10) / 10,
          // Express looks for forwarded addresses even where none is believed.
          ip: settings.TRUST_PROXY_HOPS === 0 ? request.socket.remoteAddress : request.ip,
          aborted: response.writableFinished ? undefined : true,
        },
        'request',
      );
    });
    requestContext.run(context, next);
  };
}
