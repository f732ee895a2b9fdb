import type { ServerResponse } from 'node:http';
import { temporarilyUnavailable } from './errors.ts';
import { renderProblem } from './problem.ts';
import type { HttpSettings } from './settings.ts';

/** Milliseconds that an answer may take: a database that hangs must not hang every caller with it. */
const timeLimit = 20_000;

/**
 * Answers with 503 what has not been answered in time. A handler that has begun goes on, since it
 * cannot be stopped; what it has to say then is dropped. One timer looks at all requests, so that
 * none of them pays for one of its own.
 *
 * @param answering the answers under way, and when each began, by `performance.now()`
 * @returns ends the looking
 */
export function limitTime(
  answering: ReadonlyMap<ServerResponse, number>,
  settings: Pick<HttpSettings, 'APP_ORIGIN'>,
): () => void {
  const timer = setInterval(() => {
    const latest = performance.now() - timeLimit;
    for (const [response, begun] of answering) {
      // A request that still arrives has a limit of its own: `requestTimeout`.
      if (begun > latest || response.headersSent || !response.req.complete) continue;
      giveUp(response, settings.APP_ORIGIN);
    }
  }, 1000);
  timer.unref();
  return () => clearInterval(timer);
}

function giveUp(response: ServerResponse, appOrigin: string): void {
  const [path = ''] = (response.req.url ?? '').split('?', 1);
  const requestId = String(response.getHeader('X-Request-Id'));
  const error = temporarilyUnavailable({ detail: 'This took too long.' });
  response.writeHead(error.kind.status, {
    'Content-Type': 'application/problem+json',
    'Retry-After': '5',
  });
  response.end(JSON.stringify(renderProblem(error, { appOrigin, path, requestId })));
}
