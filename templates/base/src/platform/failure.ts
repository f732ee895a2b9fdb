import { describeError, type DescribedError } from '#app/log-error.ts';

/** Why an attempt failed, as it is kept in its row and logged. */
export interface Failure {
  readonly reason: string;
  /** Where the error came from. */
  readonly stack?: readonly string[];
}

/**
 * Tells of an error whose message may quote what it was about: its type and code, and those of its
 * causes.
 */
export function failureOf(error: unknown): Failure {
  const described = describeError(error);
  const { stack } = described;
  return { reason: causesOf(described).join(' '), ...(stack && { stack }) };
}

function causesOf({ type, code, cause }: DescribedError): string[] {
  const own = code === undefined ? [type] : [type, code];
  return cause === undefined ? own : [...own, ...causesOf(cause)];
}
