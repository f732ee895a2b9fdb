import type { z } from 'zod';
import { notFound, validationFailed } from './errors.ts';
import type { Body } from './route.ts';

/** A parameter that cannot be the name of anything names nothing: 404, not a lesson in our ids. */
export function parseParams(schema: z.ZodType | undefined, params: unknown): unknown {
  const result = schema?.safeParse(params);
  if (result?.success === false) throw notFound();
  return result?.data;
}

/** @throws validation_failed with the name of each parameter that is wrong */
export function parseQuery(schema: z.ZodType | undefined, query: unknown): unknown {
  return schema && parse(schema, query, '?');
}

/** @throws validation_failed with a JSON pointer to each value that is wrong */
export function parseBody(body: Body | undefined, sent: unknown): unknown {
  if (body === undefined) return undefined;
  // A request without a body leaves nothing to parse, and is as many bytes as it has.
  return body.kind === 'raw' ? (sent ?? Buffer.alloc(0)) : parse(body.schema, sent ?? {}, '#/');
}

function parse(schema: z.ZodType, value: unknown, root: '#/' | '?'): unknown {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw validationFailed({
    detail: 'The request does not have the form that this route takes.',
    errors: result.error.issues.flatMap((issue) => describe(issue, value, root)),
  });
}

function describe(issue: z.core.$ZodIssue, value: unknown, root: string) {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo(root, [...issue.path, key]),
      detail: 'Not a known field',
    }));
  }
  const missing = issue.code === 'invalid_type' && at(value, issue.path) === undefined;
  return [{ pointer: pointerTo(root, issue.path), detail: missing ? 'Required' : issue.message }];
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined,
    value,
  );
}

/** RFC 6901, section 3: `~` and `/` in a name are written `~0` and `~1`. */
function pointerTo(root: string, path: readonly PropertyKey[]): string {
  return (
    root + path.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
  );
}
