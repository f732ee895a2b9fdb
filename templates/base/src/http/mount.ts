import type { IncomingHttpHeaders } from 'node:http';
import { pipeline } from 'node:stream/promises';
import express, {
  type ErrorRequestHandler,
  type IRouter,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type { Log } from '#app/log.ts';
import { contentTooLarge, unsupportedMediaType } from './errors.ts';
import type { Call, HandlerReply, Hook, HookOf } from './hook.ts';
import { errorHeaders, logFault, toAppError } from './problem.ts';
import { requestContext } from './request-context.ts';
import type { Answer, AnswerHeaders, Body, GuardRequest, Route } from './route.ts';
import { parseBody, parseParams, parseQuery } from './validation.ts';

/** Bytes that a JSON or form body may have, unpacked. */
const structuredLimit = 100_000;
const clientLeft = 'ERR_STREAM_PREMATURE_CLOSE';

/** Mounts a route: guard, body parser, validation, handler, answer, and hooks between them. */
export function mountRoute(
  router: IRouter,
  route: Route,
  { log, hooks }: { log: Log; hooks: readonly HookOf[] },
): void {
  requireDocumented(route);
  const parsers = parsersOf(route.body);
  const own = hooks.flatMap((hookOf) => hookOf(route) ?? []);

  const answer: RequestHandler = async (request, response) => {
    if (route.undocumented === true) hideFromOtherOrigins(response);
    const seen = new SeenRequest(request, route);
    for (const hook of own) setHeaders(response, await hook.beforeGuard?.(seen));
    // Before the body: a stranger's is not worth parsing, and validation tells him nothing.
    const identity = await route.guard.check(seen);
    for (const hook of own) setHeaders(response, await hook.afterGuard?.(seen, identity));
    for (const parser of parsers) await run(parser, request, response);
    // Its time is up (see time-limit.ts), and the client has been told.
    if (response.headersSent) return;

    const { params, query, body: sent } = request;
    const input = {
      params: parseParams(route.params, params),
      query: parseQuery(route.query, query),
      body: parseBody(route.body, sent),
      identity,
      request: seen,
    };
    const call: Call = { request: seen, identity, params, query, body: sent };
    const { status, body, headers } = await throughHooks(own, call, async () =>
      asDeclared(route, await route.handler(input)),
    );
    // It may have run out meanwhile.
    if (response.headersSent) return;

    response.status(status);
    response.setHeader('Cache-Control', 'no-store');
    setHeaders(response, headers);
    await send(response, answerOf(route, status), body);
  };
  const { errorPage } = route;
  if (errorPage === undefined) router[route.method](route.path, answer);
  else router[route.method](route.path, answer, answerErrorPage(errorPage, log));
}

/** Calls the handler inside of what hooks do around it, the first one outermost. */
function throughHooks(
  hooks: readonly Hook[],
  call: Call,
  handler: () => Promise<HandlerReply>,
): Promise<HandlerReply> {
  const [hook, ...inner] = hooks;
  if (hook === undefined) return handler();
  const handle = (): Promise<HandlerReply> => throughHooks(inner, call, handler);
  return hook.aroundHandler === undefined ? handle() : hook.aroundHandler(call, handle);
}

/** Parsed on the way out, so that a key which the schema does not name never leaves. */
function asDeclared(route: Route, reply: HandlerReply): HandlerReply {
  const answer = answerOf(route, reply.status);
  return answer.kind === 'json' ? { ...reply, body: answer.schema.parse(reply.body) } : reply;
}

function setHeaders(response: Response, headers: AnswerHeaders | undefined): void {
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value);
}

/**
 * The origins that may call the API may read its answers, and no others: a cookie that is `SameSite`
 * comes along from another host of the same site too.
 */
function hideFromOtherOrigins(response: Response): void {
  response.removeHeader('Access-Control-Allow-Origin');
  response.removeHeader('Access-Control-Allow-Credentials');
}

/** Answers an error as a page, with no more in it than problem details would tell. */
function answerErrorPage(
  errorPage: NonNullable<Route['errorPage']>,
  log: Log,
): ErrorRequestHandler {
  return (thrown: unknown, _request, response, next) => {
    if (response.headersSent) {
      next(thrown);
      return;
    }
    const error = toAppError(thrown);
    logFault(log, thrown, error);
    response.status(error.kind.status);
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    for (const [name, value] of errorHeaders(error)) response.setHeader(name, value);
    response.end(errorPage(error));
  };
}

/** What signed-in users can call is in the documentation, from which the tests take what they try. */
function requireDocumented({ method, path, guard, undocumented }: Route): void {
  if (undocumented !== true || guard.scheme === undefined) return;
  throw new Error(`${method} ${path} is for signed-in users, and so cannot be undocumented.`);
}

/** Reads from the request only what is asked for: most routes ask for nothing. */
class SeenRequest implements GuardRequest {
  readonly route: GuardRequest['route'];
  readonly #request: Request;

  constructor(request: Request, route: GuardRequest['route']) {
    this.#request = request;
    this.route = route;
  }

  get requestId(): string {
    return requestContext.getStore()?.requestId ?? '';
  }

  get ip(): string {
    return this.#request.ip ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }
}

function parsersOf(body: Body | undefined): RequestHandler[] {
  switch (body?.kind) {
    case undefined:
      return [];
    case 'json':
      return [
        refuseAnnounced(structuredLimit),
        requireType('application/json', 'application/*+json'),
        express.json({ limit: structuredLimit, type: () => true }),
      ];
    case 'form':
      return [
        refuseAnnounced(structuredLimit),
        requireType('application/x-www-form-urlencoded'),
        express.urlencoded({ limit: structuredLimit, extended: false, type: () => true }),
      ];
    case 'raw':
      return [refuseAnnounced(body.limit), express.raw({ limit: body.limit, type: () => true })];
  }
}

async function run(parser: RequestHandler, request: Request, response: Response): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  void parser(request, response, (error?: unknown) => {
    if (error === undefined) resolve();
    else reject(error);
  });
  await promise;
}

/** A body that says it is too long is not waited for: the connection ends with the refusal. */
function refuseAnnounced(limit: number): RequestHandler {
  return (request, response, next) => {
    if (Number(request.headers['content-length'] ?? 0) <= limit) return next();
    response.setHeader('Connection', 'close');
    next(contentTooLarge({ detail: `This route takes at most ${limit} bytes.` }));
  };
}

function requireType(...types: string[]): RequestHandler {
  return (request, _response, next) => {
    // `false` is another type; `null` is no body at all, which validation has more to say about.
    if (request.is(types) !== false || isEmpty(request)) return next();
    next(unsupportedMediaType({ detail: `This route takes a body of type ${types[0]}.` }));
  };
}

/** Clients that have nothing to say send no type with it, but a length of zero. */
function isEmpty({ headers }: Request): boolean {
  return headers['content-length'] === '0' && headers['content-type'] === undefined;
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
      response.setHeader('Content-Type', 'application/json; charset=utf-8');
      response.end(JSON.stringify(body));
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
      await sendStream(response, body as NodeJS.ReadableStream);
      return;
    case 'empty':
      response.end();
  }
}

async function sendStream(response: Response, body: NodeJS.ReadableStream): Promise<void> {
  try {
    await pipeline(body, response);
  } catch (error) {
    // The client has left, which is his right; the request's log line says that it was aborted.
    if (!(error instanceof Error && 'code' in error && error.code === clientLeft)) throw error;
  }
}
