import type { ErrorKind } from '#app/errors.ts';
import type { Services } from '#app/lifecycle.ts';
import type { AnswerHeaders, GuardRequest, Route } from './route.ts';

/**
 * What a route goes through beside its guard and its handler. What is thrown is answered like any
 * other error; headers that are returned are on the answer, whatever it is.
 */
export interface Hook {
  /** The errors that it gives, for the documentation of its routes. */
  readonly errors?: readonly ErrorKind[];
  /** Before it is known who asks. */
  beforeGuard?(request: GuardRequest): Promise<AnswerHeaders | undefined>;
  /** When that is known, and before the body is read. */
  afterGuard?(request: GuardRequest, identity: unknown): Promise<AnswerHeaders | undefined>;
  /**
   * In the handler's place, when the input is known to be valid: calls it, or gives an answer that was
   * given before. What `handle` gives is what leaves; it has been through the route's schema.
   */
  aroundHandler?(call: Call, handle: () => Promise<HandlerReply>): Promise<HandlerReply>;
}

/** What is asked of a handler. */
export interface Call {
  readonly request: GuardRequest;
  readonly identity: unknown;
  /** As they came, before they were validated. */
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
}

export type HandlerReply = Awaited<ReturnType<Route['handler']>>;

/** Gives the hook of a route; nothing where the route does without. */
export type HookOf = (route: Route) => Hook | undefined;

/** Makes a hook of what the service consists of. */
export type OpenHook = (services: Services) => HookOf;

/** The route with the errors of its hooks beside its own. */
export function withHookErrors(route: Route, hooks: readonly HookOf[]): Route {
  const errors = hooks.flatMap((hookOf) => hookOf(route)?.errors ?? []);
  return errors.length === 0 ? route : { ...route, errors: [...(route.errors ?? []), ...errors] };
}
