import cors from 'cors';
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Router,
} from 'express';
import type { Log } from '#app/log.ts';
import { malformedRequest, methodNotAllowed, notFound } from './errors.ts';
import { exposedHeaders } from './exposed-headers.ts';
import type { HookOf } from './hook.ts';
import { mountRoute } from './mount.ts';
import { errorHeaders, logFault, renderProblem, toAppError } from './problem.ts';
import { requestContext } from './request-context.ts';
import { traceRequest } from './trace-request.ts';
import type { Route } from './route.ts';
import { securityHeaders } from './security-headers.ts';
import type { HttpSettings } from './settings.ts';

/** Routes under the heading that they have in the documentation. */
export interface RouteGroup {
  readonly name: string;
  readonly routes: readonly Route[];
}

/** Makes the Express application: everything that holds for all routes, then the routes. */
export function createApp(
  deps: { settings: HttpSettings; log: Log; hooks?: readonly HookOf[] },
  groups: readonly RouteGroup[],
): Express {
  const { settings, log, hooks = [] } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  app.set('trust proxy', settings.TRUST_PROXY_HOPS);

  app.use(traceRequest(settings, log), securityHeaders(settings), requireHost);
  if (settings.CORS_ORIGINS.length > 0) app.use(crossOrigin(settings));

  app.use(
    byHost(
      groups.flatMap((group) => group.routes),
      { log, hooks },
    ),
  );
  app.use((_request, _response) => {
    throw notFound({ detail: 'There is nothing at this address.' });
  });
  app.use(answerError(settings, log));
  return app;
}

/** RFC 9112, section 3.2. Node's own refusal would have no body. */
const requireHost: RequestHandler = (request, _response, next) => {
  const hosts = request.rawHeaders.filter((name, index) => index % 2 === 0 && isHost(name));
  if (hosts.length !== 1 && request.httpVersion === '1.1') {
    throw malformedRequest({ detail: 'There has to be one Host header.' });
  }
  next();
};

const isHost = (name: string): boolean => name.length === 4 && name.toLowerCase() === 'host';

/** Lets the browsers of the listed origins read answers; others get no header and so no answer. */
function crossOrigin(settings: HttpSettings): RequestHandler {
  return cors({
    origin: settings.CORS_ORIGINS,
    credentials: true,
    // The route itself answers OPTIONS, with the methods that it takes.
    preflightContinue: true,
    exposedHeaders: Object.values(exposedHeaders),
    maxAge: 600,
  });
}

/**
 * A host that is the routes' own answers with those alone, and they answer nowhere else: to browsers
 * it is another site, whose pages nothing on this one can reach.
 */
function byHost(routes: readonly Route[], deps: MountDeps): RequestHandler {
  const hosts = Map.groupBy(routes, ({ origin }) => origin && new URL(origin).host);
  const routers = new Map(
    [...hosts].map(([host, own]) => {
      const everywhere = host === undefined ? [] : routes.filter(({ everyHost }) => everyHost);
      return [host, routerOf([...own, ...everywhere], deps)];
    }),
  );
  const all = routers.get(undefined);
  return (request, response, next) => {
    const router = routers.get(request.headers.host?.toLowerCase()) ?? all;
    if (router === undefined) next();
    else router(request, response, next);
  };
}

type MountDeps = Parameters<typeof mountRoute>[2];

function routerOf(routes: readonly Route[], deps: MountDeps): Router {
  const router = express.Router();
  for (const route of routes) mountRoute(router, route, deps);
  for (const [path, methods] of methodsByPath(routes)) router.all(path, refuseMethod(methods));
  return router;
}

function methodsByPath(routes: readonly Route[]): Map<string, string[]> {
  const methods = new Map<string, string[]>();
  for (const { path, method } of routes) {
    const name = method.toUpperCase();
    methods.set(path, [
      ...(methods.get(path) ?? []),
      ...(name === 'GET' ? ['GET', 'HEAD'] : [name]),
    ]);
  }
  return methods;
}

function refuseMethod(methods: readonly string[]): RequestHandler {
  const allow = [...methods, 'OPTIONS'].join(', ');
  return (request, response) => {
    response.setHeader('Allow', allow);
    if (request.method === 'OPTIONS') {
      response.status(204).end();
      return;
    }
    throw methodNotAllowed({ detail: `This address takes ${allow}.` });
  };
}

/** The one place where an error becomes an answer. */
function answerError(settings: HttpSettings, log: Log): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = toAppError(thrown);
    logFault(log, thrown, error);
    if (response.headersSent) {
      // Too late to say anything: a cut connection at least cannot be taken for a whole answer.
      response.destroy();
      return;
    }
    for (const [name, value] of errorHeaders(error)) response.setHeader(name, value);
    if (error.kind.status === 401) response.setHeader('WWW-Authenticate', 'Bearer');
    const problem = renderProblem(error, {
      appOrigin: settings.APP_ORIGIN,
      path: request.path,
      requestId: requestContext.getStore()?.requestId ?? '',
    });
    response
      .status(error.kind.status)
      .type('application/problem+json')
      .send(JSON.stringify(problem));
  };
}
