// Errors that a caller is meant to see. Everything else that is thrown is a fault of ours: it is
// logged, and the caller learns no more than that it happened.

export interface ErrorDetails {
  /** One sentence for the caller about this occurrence. Never holds what the caller may not know. */
  detail?: string;
  /** What is wrong in the input: a JSON pointer into it, and why (RFC 9457, section 3). */
  errors?: { pointer: string; detail: string }[];
  /** Seconds after which trying again makes sense; sent as Retry-After. */
  retryAfter?: number;
  /** More headers of the answer. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
  /** More members of the problem, by their names (RFC 9457, section 3.2). */
  members?: Readonly<Record<string, unknown>>;
}

/** A kind of error: its code is stable and part of the API; its title never varies. */
export interface ErrorKind {
  (details?: ErrorDetails): AppError;
  readonly status: number;
  readonly code: string;
  readonly title: string;
  /** The type that others have defined for it; the documentation's own where there is none. */
  readonly type?: string;
}

export class AppError extends Error {
  override readonly name = 'AppError';
  readonly kind: ErrorKind;
  readonly details: ErrorDetails;

  constructor(kind: ErrorKind, details: ErrorDetails) {
    super(details.detail ?? kind.title);
    this.kind = kind;
    this.details = details;
  }
}

/**
 * Declares a kind of error; calling the result makes an error to throw.
 *
 * @param code stable, snake_case, unique in the project
 * @param status the HTTP status that it is answered with
 * @param title one short sentence that is the same for each occurrence
 * @param type a type of problem that is registered or specified somewhere, as a URI
 */
export function defineError(code: string, status: number, title: string, type?: string): ErrorKind {
  const kind: ErrorKind = Object.assign(
    (details: ErrorDetails = {}): AppError => new AppError(kind, details),
    { code, status, title, ...(type !== undefined && { type }) },
  );
  return kind;
}
