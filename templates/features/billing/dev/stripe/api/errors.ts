/** An answer that refuses, in the shape of https://docs.stripe.com/api/errors. */
export class Refusal extends Error {
  readonly status: number;
  readonly error: RefusalBody;
  /** Whether the parameters were refused before anything was tried: such answers are not kept. */
  readonly invalid: boolean;

  constructor(status: number, error: RefusalBody, invalid = false) {
    super(error.message);
    this.status = status;
    this.error = error;
    this.invalid = invalid;
  }
}

export interface RefusalBody {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly decline_code?: string;
  readonly param?: string;
}

const invalidRequest = 'invalid_request_error';

export function missing(kind: string, id: string, param = 'id'): Refusal {
  return new Refusal(404, {
    type: invalidRequest,
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param,
  });
}

export function parameterMissing(param: string): Refusal {
  const message = `Missing required param: ${param}.`;
  return new Refusal(
    400,
    { type: invalidRequest, code: 'parameter_missing', message, param },
    true,
  );
}

export function invalidParameter(param: string, message: string, code?: string): Refusal {
  return new Refusal(
    400,
    { type: invalidRequest, message, param, ...(code !== undefined && { code }) },
    true,
  );
}

/** A request that is well-formed, but cannot be done to the object as it is. */
export function refused(code: string, message: string, param?: string): Refusal {
  return new Refusal(400, {
    type: invalidRequest,
    code,
    message,
    ...(param !== undefined && { param }),
  });
}
