import { pipeline } from 'node:stream/promises';
import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { temporarilyUnavailable, unsupportedMediaType } from './errors.ts';
import { requestContext } from './request-context.ts';
import type { Answer, Body, GuardRequest, Route } from './route.ts';
import { parseBody, parseParams, parseQuery } from './validation.ts';

/** Milliseconds that a route may take: a database that hangs must not hang every caller with it. */
const timeLimit = 20_000;

/** Mounts a route on the application: guard, body parser, validation, handler, answer. */
export function mountRoute(app: Express, route: Route): void {
  app[route.method](
    route.path,
    // First of all: a stranger's body is not worth parsing, and validation tells him nothing.
    guardOf(route),
    ...parsersOf(route.body),
    async (request: Request, response: Response) => {
      const { status, body, headers } = await withinTimeLimit(
        route.handler({
          params: parseParams(route.params, request.params),
          query: parseQuery(route.query, request.query),
          body: parseBody(route.body, request.body),
          identity: response.locals['identity'],
          request: seen(request),
        }),
      );
      response.status(status);
      response.setHeader('Cache-Control', 'no-store');
      for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
      await send(response, answerOf(route, status), body);
    },
  );
}

function guardOf(route: Route): RequestHandler {
  return async (request, response, next) => {
    response.locals['identity'] = await withinTimeLimit(route.guard.check(seen(request)));
    next();
  };
}

function seen(request: Request): GuardRequest {
  return {
    requestId: requestContext.getStore()?.requestId ?? '',
    ip: request.ip ?? '',
    headers: request.headers,
  };
}

function parsersOf(body: Body | undefined): RequestHandler[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'json':
      return [
        requireType('application/json', 'application/*+json'),
        express.json({ limit: '100kb', type: () => true }),
      ];
    case 'form':
      return [
        requireType('application/x-www-form-urlencoded'),
        express.urlencoded({ limit: '100kb', extended: false, type: () => true }),
      ];
    case 'raw':
      return [express.raw({ limit: body.limit, type: () => true })];
  }
}

function requireType(...types: string[]): RequestHandler {
  return (request, _response, next) => {
    // `false` is another type; `null` is no body at all, which validation has more to say about.
    if (request.is(types) === false) {
      throw unsupportedMediaType({ detail: `This route takes a body of type ${types[0]}.` });
    }
    next();
  };
}

/** Rejects with a 503 when `work` is not done in time. `work` itself goes on: it cannot be stopped. */
async function withinTimeLimit<T>(work: Promise<T>): Promise<T> {
  const { promise: limit, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(temporarilyUnavailable({ detail: 'This took too long.', retryAfter: 5 }));
  }, timeLimit);
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

function answerOf(route: Route, status: number): Answer {
  const answer = route.answers[status];
  if (answer === undefined) {
    throw new Error(`${route.method} ${route.path} answered ${status}, which it does not declare`);
  }
  return answer;
}

async function send(response: Response, answer: Answer, body: unknown): Promise<void> {
  switch (answer.kind) {
    case 'json':
      // Parsed on the way out, so that a key which the schema does not name never leaves.
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(JSON.stringify(answer.schema.parse(body)));
      return;
    case 'html':
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(body);
      return;
    case 'redirect':
      response.setHeader('Location', String(body));
      response.end();
      return;
    case 'stream':
      response.setHeader('Content-Type', answer.contentType);
      await pipeline(body as NodeJS.ReadableStream, response);
      return;
    case 'empty':
      response.end();
  }
}
