/** What a run ends with; the numbers are the exit codes of every command. */
export const exitCodes = {
  done: 0,
  unexpected: 1,
  badInput: 2,
  precondition: 3,
  conflicts: 4,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/**
 * An end that the user can do something about: one sentence, an exit code, and a code that a
 * program can compare (`bad-input`, `folder-not-empty`, …). It is shown without a stack.
 */
export class Problem extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;

  constructor(exitCode: ExitCode, code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'Problem';
    this.exitCode = exitCode;
    this.code = code;
  }
}

/** The user gave something that cannot be (exit code 2). */
export function badInput(message: string, code = 'bad-input'): Problem {
  return new Problem(exitCodes.badInput, code, message);
}

/** What was asked is fine, the place where it was asked is not (exit code 3). */
export function precondition(message: string, code = 'precondition'): Problem {
  return new Problem(exitCodes.precondition, code, message);
}

/** The user ended it (exit code 130). */
export function cancelled(message: string): Problem {
  return new Problem(exitCodes.cancelled, 'cancelled', message);
}
