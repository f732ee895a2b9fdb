import { defineError } from '#app/errors.ts';

/** draft-ietf-httpapi-ratelimit-headers-10, section 5.1. */
export const quotaExceeded = defineError(
  'quota_exceeded',
  429,
  'Quota exceeded',
  'https://iana.org/assignments/http-problem-types#quota-exceeded',
);
