import { z } from 'zod';
import type { ErrorKind } from '#app/errors.ts';
import {
  idempotencyKeyInFlight,
  idempotencyKeyMalformed,
  idempotencyKeyMissing,
  idempotencyKeyReused,
} from '#app/platform/idempotency/errors.ts';
import { maxKeyLength } from '#app/platform/idempotency/key.ts';
import type { RouteGroup } from '../app.ts';
import {
  contentTooLarge,
  internalError,
  malformedRequest,
  onlyInPerson,
  temporarilyUnavailable,
  unauthenticated,
  unsupportedMediaType,
  validationFailed,
} from '../errors.ts';
import { Problem } from '../problem.ts';
import type { Answer, Body, Route } from '../route.ts';

type JsonSchema = Record<string, unknown>;

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes: JsonSchema;
  };
}

export interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security?: readonly Record<string, readonly string[]>[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required: true; readonly content: Content };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

export interface Response {
  readonly description: string;
  readonly content?: Content;
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>;

/** Describes the routes as OpenAPI 3.1, whose schemas are JSON Schema 2020-12. */
export function describeApi(
  info: { title: string; version: string; origin: string },
  groups: readonly RouteGroup[],
): OpenApiDocument {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, Record<string, Operation>> = {};
  for (const group of groups) {
    for (const route of group.routes) {
      const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
      paths[path] = { ...paths[path], [route.method]: describeRoute(group.name, route, schemas) };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    servers: [{ url: info.origin }],
    tags: groups.map(({ name }) => ({ name })),
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** The errors that a route can give, its own and those that its shape brings with it. */
export function errorsOf(route: Route): ErrorKind[] {
  // Bytes are of any type and any form; but they may be packed in a way that nobody here can unpack.
  const validated = route.query !== undefined || (route.body && route.body.kind !== 'raw');
  return [
    ...(route.body === undefined ? [] : [malformedRequest, contentTooLarge, unsupportedMediaType]),
    ...(route.guard.scheme === undefined ? [] : [unauthenticated]),
    ...(route.sensitive === true ? [onlyInPerson] : []),
    ...(route.guard.errorsFor?.(route) ?? []),
    ...(validated === true ? [validationFailed] : []),
    ...idempotencyErrors(route),
    ...(route.errors ?? []),
    internalError,
    temporarilyUnavailable,
  ];
}

function idempotencyErrors({ idempotent }: Route): ErrorKind[] {
  if (idempotent === undefined) return [];
  return [
    ...(idempotent === 'required' ? [idempotencyKeyMissing] : []),
    idempotencyKeyMalformed,
    idempotencyKeyInFlight,
    idempotencyKeyReused,
  ];
}

function describeRoute(tag: string, route: Route, schemas: Record<string, JsonSchema>): Operation {
  const parameters = [
    ...parametersOf(route.params, 'path', schemas),
    ...parametersOf(route.query, 'query', schemas),
    ...(route.idempotent === undefined ? [] : [idempotencyKey(route.idempotent === 'required')]),
  ];
  const answers = Object.fromEntries(
    Object.entries(route.answers).map(([status, answer]) => [
      status,
      { description: describeStatus(answer), ...answerContent(answer, schemas) },
    ]),
  );
  return {
    operationId: operationId(route),
    summary: route.summary,
    tags: [tag],
    ...(route.guard.scheme !== undefined && { security: [{ [route.guard.scheme]: [] }] }),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: { required: true, content: bodyContent(route.body, schemas) },
    }),
    responses: { ...answers, ...errorResponses(errorsOf(route), schemas, answers) },
  };
}

/** `POST /v1/auth/login` is `postAuthLogin`; client generators make method names of it. */
function operationId(route: Route): string {
  const words = route.path.split(/\W+/).filter((word) => word !== '' && !/^v\d+$/.test(word));
  return route.method + words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
}

function parametersOf(
  schema: z.ZodType | undefined,
  place: 'path' | 'query',
  schemas: Record<string, JsonSchema>,
): Parameter[] {
  if (schema === undefined) return [];
  const object = toJsonSchema(schema, 'input', schemas);
  const required = (object['required'] ?? []) as string[];
  return Object.entries((object['properties'] ?? {}) as Record<string, JsonSchema>).map(
    ([name, inner]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: inner,
    }),
  );
}

function idempotencyKey(required: boolean): Parameter {
  return {
    name: 'Idempotency-Key',
    in: 'header',
    required,
    description:
      'The same for a request that is sent again: it has one effect, and for a day the same answer.',
    schema: { type: 'string', minLength: 1, maxLength: maxKeyLength },
  };
}

function bodyContent(body: Body, schemas: Record<string, JsonSchema>): Content {
  switch (body.kind) {
    case 'json':
      return { 'application/json': { schema: toJsonSchema(body.schema, 'input', schemas) } };
    case 'form':
      return {
        'application/x-www-form-urlencoded': {
          schema: toJsonSchema(body.schema, 'input', schemas),
        },
      };
    case 'raw':
      return { [body.contentType]: { schema: {} } };
  }
}

function describeStatus(answer: Answer): string {
  return answer.kind === 'redirect' ? 'Elsewhere' : 'Done';
}

function answerContent(answer: Answer, schemas: Record<string, JsonSchema>): { content?: Content } {
  switch (answer.kind) {
    case 'json':
      return {
        content: { 'application/json': { schema: toJsonSchema(answer.schema, 'output', schemas) } },
      };
    case 'html':
      return { content: { 'text/html': { schema: { type: 'string' } } } };
    case 'stream':
      return { content: { [answer.contentType]: { schema: { type: 'string' } } } };
    case 'redirect':
    case 'empty':
      return {};
  }
}

/**
 * OpenAPI has one response a status, so errors that share one are listed in its description; and a
 * page that is answered with it is another type of its content.
 */
function errorResponses(
  errors: readonly ErrorKind[],
  schemas: Record<string, JsonSchema>,
  answers: Readonly<Record<string, Response>>,
): Record<string, Response> {
  const schema = toJsonSchema(Problem, 'output', schemas);
  const byStatus = Map.groupBy(new Set(errors), (error) => error.status);
  return Object.fromEntries(
    [...byStatus].map(([status, kinds]) => [
      String(status),
      {
        description: kinds.map((kind) => `${kind.title} (\`${kind.code}\`)`).join('; '),
        content: { ...answers[status]?.content, 'application/problem+json': { schema } },
      },
    ]),
  );
}

/** Schemas with an id (`.meta({ id })`) become components, so that clients get one type for each. */
function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
  schemas: Record<string, JsonSchema>,
): JsonSchema {
  const { $schema: _, $defs, ...converted } = z.toJSONSchema(schema, { io, reused: 'inline' });
  const rewrite = (value: unknown): JsonSchema =>
    JSON.parse(
      JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'),
    ) as JsonSchema;

  for (const [id, definition] of Object.entries($defs ?? {})) schemas[id] = rewrite(definition);
  if (typeof converted['id'] !== 'string') return rewrite(converted);
  const { id, ...component } = converted;
  schemas[id] = rewrite(component);
  return { $ref: `#/components/schemas/${id}` };
}
