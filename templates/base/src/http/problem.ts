import { z } from 'zod';
import { AppError, type ErrorDetails, type ErrorKind } from '#app/errors.ts';
import { isDatabaseUnavailable } from '#app/database/errors.ts';
import type { Log } from '#app/log.ts';
import * as errors from './errors.ts';

/** RFC 9457 problem details, as every error of this API is answered. */
export const Problem = z
  .looseObject({
    type: z.url().describe('Where this kind of error is described.'),
    title: z.string(),
    status: z.int(),
    code: z.string().describe('Stable name of this kind of error.'),
    detail: z.string().optional(),
    instance: z.string().optional().describe('The path that was asked for.'),
    requestId: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string() }))
      .optional()
      .describe('What is wrong in the input, each with a JSON pointer to it.'),
  })
  .meta({ id: 'Problem' });

/** Where and for whom an error is rendered. */
export interface Occurrence {
  readonly appOrigin: string;
  /** Absent where the request could not even be parsed. */
  readonly path?: string;
  readonly requestId: string;
}

/** Renders an error as the body of an `application/problem+json` answer. */
export function renderProblem(error: AppError, occurrence: Occurrence): z.input<typeof Problem> {
  const { kind, details } = error;
  return {
    type: kind.type ?? `${occurrence.appOrigin}/docs#error-${kind.code}`,
    title: kind.title,
    status: kind.status,
    code: kind.code,
    ...(details.detail !== undefined && { detail: details.detail }),
    ...(occurrence.path !== undefined && { instance: occurrence.path }),
    requestId: occurrence.requestId,
    ...(details.errors !== undefined && { errors: details.errors }),
    ...details.members,
  };
}

/** The headers that an error is answered with, apart from those of its body. */
export function errorHeaders({ details }: AppError): [string, string | readonly string[]][] {
  const { retryAfter, headers = {} } = details;
  const wait = retryAfter === undefined ? [] : [['Retry-After', String(retryAfter)] as const];
  return [...wait, ...Object.entries(headers)].map(([name, value]) => [name, value]);
}

/**
 * Says what a caller may know of anything that was thrown. What is not one of our own errors, a
 * parser's complaint or a database that cannot be reached is an internal error, without detail.
 */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (isDatabaseUnavailable(thrown)) {
    return errors.temporarilyUnavailable({
      detail: 'The database cannot be reached.',
      retryAfter: 5,
    });
  }
  return parserError(thrown) ?? errors.internalError();
}

/** Logs what was thrown, where it is a fault of ours and not an answer that was meant. */
export function logFault(log: Log, thrown: unknown, error: AppError): void {
  if (thrown instanceof AppError || error.kind.status < 500) return;
  log.error({ err: thrown }, error.kind.title);
}

const parserErrors: Record<number, [ErrorKind, ErrorDetails?]> = {
  400: [errors.malformedRequest, { detail: 'The request could not be parsed.' }],
  408: [errors.requestTimeout],
  413: [errors.contentTooLarge, { detail: 'The body is larger than this route takes.' }],
  415: [errors.unsupportedMediaType, { detail: 'The charset or encoding is not supported.' }],
};

/** Express and its body parsers throw errors that carry a status and say that it may be shown. */
function parserError(thrown: unknown): AppError | undefined {
  if (!(thrown instanceof Error) || !('status' in thrown)) return undefined;
  const [kind, details] = parserErrors[Number(thrown.status)] ?? [];
  return kind?.(details);
}
