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

/**
 * An id that nothing has.
 *
 * @param param the parameter that holds it; where there is none, it is in the path
 */
export function missing(kind: string, id: string, param?: string): Refusal {
  return new Refusal(param === undefined ? 404 : 400, {
    type: invalidRequest,
    code: 'resource_missing',
    message: `No such ${kind}: '${id}'`,
    param: param ?? 'id',
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
export function refused(
  message: string,
  details: Pick<RefusalBody, 'code' | 'param'> = {},
): Refusal {
  return new Refusal(400, { type: invalidRequest, message, ...details });
}

/** What the customer's bank said no to. */
export function cardRefused(
  code: string,
  message: string,
  details: Pick<RefusalBody, 'decline_code'> = {},
): Refusal {
  return new Refusal(402, { type: 'card_error', code, message, ...details });
}
