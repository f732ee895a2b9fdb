import { defineError } from '#app/errors.ts';

// What can go wrong on any route, whatever it does.

export const malformedRequest = defineError('malformed_request', 400, 'Malformed request');
export const unauthenticated = defineError('unauthenticated', 401, 'Authentication required');
export const crossSiteRequest = defineError(
  'cross_site_request',
  403,
  'Request comes from another site',
);
export const onlyInPerson = defineError(
  'only_in_person',
  403,
  'Only the user in person may do this',
);
export const notFound = defineError('not_found', 404, 'Not found');
export const methodNotAllowed = defineError('method_not_allowed', 405, 'Method not allowed');
export const requestTimeout = defineError(
  'request_timeout',
  408,
  'Request took too long to arrive',
);
export const contentTooLarge = defineError('content_too_large', 413, 'Content too large');
export const unsupportedMediaType = defineError(
  'unsupported_media_type',
  415,
  'Unsupported media type',
);
export const expectationFailed = defineError('expectation_failed', 417, 'Expectation failed');
export const validationFailed = defineError('validation_failed', 422, 'Validation failed');
export const headersTooLarge = defineError('headers_too_large', 431, 'Request headers too large');
export const internalError = defineError('internal_error', 500, 'Internal error');
export const notReady = defineError('not_ready', 503, 'Not ready');
export const temporarilyUnavailable = defineError(
  'temporarily_unavailable',
  503,
  'Temporarily unavailable',
);
