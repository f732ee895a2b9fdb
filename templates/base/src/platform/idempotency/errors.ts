import { defineError } from '#app/errors.ts';

// What draft-ietf-httpapi-idempotency-key-header-07, section 2.7, has a server refuse.

export const idempotencyKeyMissing = defineError(
  'idempotency_key_missing',
  400,
  'Idempotency-Key is missing',
);
export const idempotencyKeyMalformed = defineError(
  'idempotency_key_malformed',
  400,
  'Idempotency-Key is malformed',
);
export const idempotencyKeyInFlight = defineError(
  'idempotency_key_in_flight',
  409,
  'A request with this Idempotency-Key is being handled',
);
export const idempotencyKeyReused = defineError(
  'idempotency_key_reused',
  422,
  'Idempotency-Key was used for another request',
);
