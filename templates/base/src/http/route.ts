// A route is one value. The router, the validation of what comes in, the check of what goes out and
// the OpenAPI document are all made from it, so none of them can say something else.
import type { IncomingHttpHeaders } from 'node:http';
import type { z } from 'zod';
import type { AppError, ErrorKind } from '#app/errors.ts';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** What a request's body may be. A route without a body ignores whatever is sent. */
export type Body =
  | { kind: 'json'; schema: z.ZodType }
  | { kind: 'form'; schema: z.ZodType }
  | { kind: 'raw'; limit: number; contentType: string };

/** What an answer's body is. */
export type Answer =
  | { kind: 'json'; schema: z.ZodType }
  | { kind: 'html' }
  | { kind: 'redirect' }
  | { kind: 'stream'; contentType: string }
  | { kind: 'empty' };

export type Answers = Readonly<Record<number, Answer>>;

/** Who may call a route: finds out who is asking, or throws. */
export interface Guard<Identity> {
  /** How a caller proves who it is, in the OpenAPI document; absent where nobody has to. */
  readonly scheme?: 'bearer';
  /** The errors with which it turns away who is known, for the documentation of a route. */
  errorsFor?(route: GuardRequest['route']): readonly ErrorKind[];
  check(request: GuardRequest): Promise<Identity>;
}

/** What a guard and a handler see of the request, apart from its validated input. */
export interface GuardRequest {
  readonly requestId: string;
  /** The client's address, as far as TRUST_PROXY_HOPS lets it be believed. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
  /** What is asked for. */
  readonly route: Pick<Route, 'method' | 'path' | keyof RouteOptions>;
}

export interface HandlerInput<Params, Query, Input, Identity> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Input;
  readonly identity: Identity;
  readonly request: GuardRequest;
}

type AnswerBody<A extends Answer> = A extends { kind: 'json'; schema: infer S extends z.ZodType }
  ? z.input<S>
  : A extends { kind: 'html' }
    ? string
    : A extends { kind: 'redirect' }
      ? URL | string
      : A extends { kind: 'stream' }
        ? NodeJS.ReadableStream
        : undefined;

/** A list is sent as several headers of that name: `Set-Cookie`. */
export type AnswerHeaders = Readonly<Record<string, string | readonly string[]>>;

/** One of the declared statuses, with the body that belongs to it. */
export type Reply<A extends Answers> = {
  [Status in keyof A & number]: {
    status: Status;
    body: AnswerBody<A[Status]>;
    headers?: AnswerHeaders;
  };
}[keyof A & number];

type InputOf<B extends Body | undefined> = B extends { schema: infer S extends z.ZodType }
  ? z.output<S>
  : B extends { kind: 'raw' }
    ? Buffer
    : undefined;

type ParsedOf<S extends z.ZodType | undefined> = S extends z.ZodType ? z.output<S> : undefined;

/** What a route may say beside what it takes and gives. */
export interface RouteOptions {
  /** Only for the user in person: its guard refuses who acts in the user's place. */
  readonly sensitive?: true;
  /**
   * Sent again under its `Idempotency-Key` it has no second effect, and the first answer: the handler
   * runs in one transaction (see `platform/idempotency`). For routes of signed-in users that take and
   * give JSON. `'required'` refuses a request without a key.
   */
  readonly idempotent?: true | 'required';
  /** Left out of the API's documentation: not for those who call the API. */
  readonly undocumented?: true;
  /** The origin of a host that answers with such routes alone; without it, any other host does. */
  readonly origin?: string;
  /** Answers on every host, also on those that belong to others. */
  readonly everyHost?: true;
  /** Renders an error of this route as a page; without it errors are problem details. */
  readonly errorPage?: (error: AppError) => string;
}

export interface RouteSpec<
  Identity,
  A extends Answers,
  B extends Body | undefined,
  Params extends z.ZodType | undefined,
  Query extends z.ZodType | undefined,
> extends RouteOptions {
  readonly method: Method;
  /** Express path, with `:name` for a parameter: `/v1/tasks/:id`. */
  readonly path: `/${string}`;
  /** One line for the documentation, in the imperative. */
  readonly summary: string;
  readonly guard: Guard<Identity>;
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: B;
  readonly answers: A;
  /** The errors that this route gives besides those that any route can. */
  readonly errors?: readonly ErrorKind[];
  readonly handler: (
    input: HandlerInput<ParsedOf<Params>, ParsedOf<Query>, InputOf<B>, Identity>,
  ) => Promise<Reply<A>>;
}

/** A route whose inner types are settled: what the router and the documentation work with. */
export type Route = Omit<
  RouteSpec<unknown, Answers, Body | undefined, z.ZodType | undefined, z.ZodType | undefined>,
  'handler'
> & {
  readonly handler: (
    input: HandlerInput<unknown, unknown, unknown, unknown>,
  ) => Promise<{ status: number; body: unknown; headers?: AnswerHeaders }>;
};

/** Declares a route, with its handler's types taken from its schemas. */
export function route<
  Identity,
  const A extends Answers,
  const B extends Body | undefined = undefined,
  Params extends z.ZodType | undefined = undefined,
  Query extends z.ZodType | undefined = undefined,
>(spec: RouteSpec<Identity, A, B, Params, Query>): Route {
  // The one place where the types are let go: the router hands the handler exactly what the
  // schemas in the same value have parsed.
  return spec as unknown as Route;
}

/** For routes that anyone may call. */
export const open: Guard<undefined> = { check: async () => undefined };

export const json = <S extends z.ZodType>(schema: S) => ({ kind: 'json', schema }) as const;
export const form = <S extends z.ZodType>(schema: S) => ({ kind: 'form', schema }) as const;
/**
 * Bytes as they come, for bodies whose signature is checked.
 *
 * @param limit in bytes, unpacked
 * @param contentType what they are, for the documentation: any type is taken
 */
export const raw = (limit: number, contentType = 'application/octet-stream') =>
  ({ kind: 'raw', limit, contentType }) as const;
export const html = () => ({ kind: 'html' }) as const;
export const redirect = () => ({ kind: 'redirect' }) as const;
export const stream = (contentType: string) => ({ kind: 'stream', contentType }) as const;
export const empty = () => ({ kind: 'empty' }) as const;

/** The answer to a successful request: `reply(200, { user })`, `reply(204)`. */
export function reply<const Status extends number, const T = undefined>(
  status: Status,
  body?: T,
  headers: AnswerHeaders = {},
): { status: Status; body: T; headers: AnswerHeaders } {
  return { status, body: body as T, headers };
}
