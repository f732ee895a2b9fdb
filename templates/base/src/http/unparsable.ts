import { randomUUID } from 'node:crypto';
import {
  STATUS_CODES,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { ErrorKind } from '#app/errors.ts';
import type { Log } from '#app/log.ts';
import { expectationFailed, headersTooLarge, malformedRequest, requestTimeout } from './errors.ts';
import { renderProblem } from './problem.ts';
import type { HttpSettings } from './settings.ts';

interface Deps {
  readonly settings: HttpSettings;
  readonly log: Log;
}

/** Answers what never reaches the application, because it is not HTTP, in the same form as the rest. */
export function answerUnparsable(
  server: Server,
  deps: Deps,
  answering: ReadonlyMap<ServerResponse, number>,
): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const begun = [...answering.keys()].some((it) => it.socket === socket && it.headersSent);
    if (!socket.writable || begun || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const answer = problemFor(kindOf(error), deps);
    const head = [
      `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
      ...Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}`),
    ];
    socket.end(`${head.join('\r\n')}\r\n\r\n${answer.body}`);
  });

  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    refuse(response, expectationFailed, deps);
  });
}

/**
 * Stands before Express, which cannot route a target that is no path, and would answer it with a
 * page of its own (RFC 9112, section 3.2: a server also takes a whole URL as the target).
 */
export function refuseUnreadableTarget(deps: Deps, next: RequestListener): RequestListener {
  return (request, response) => {
    const { url = '' } = request;
    if (url.startsWith('/') || url === '*' || URL.canParse(url)) next(request, response);
    else refuse(response, malformedRequest, deps);
  };
}

function refuse(response: ServerResponse, kind: ErrorKind, deps: Deps): void {
  const answer = problemFor(kind, deps);
  response.writeHead(answer.status, answer.headers).end(answer.body);
}

function kindOf(error: NodeJS.ErrnoException): ErrorKind {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge;
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimeout;
    default:
      return malformedRequest;
  }
}

function problemFor(kind: ErrorKind, { settings, log }: Deps) {
  const requestId = randomUUID();
  const body = JSON.stringify(renderProblem(kind(), { appOrigin: settings.APP_ORIGIN, requestId }));
  log.info({ requestId, status: kind.status, code: kind.code }, 'request refused');
  return {
    status: kind.status,
    headers: {
      'Content-Type': 'application/problem+json',
      'Content-Length': String(Buffer.byteLength(body)),
      'X-Request-Id': requestId,
      Connection: 'close',
    },
    body,
  };
}
