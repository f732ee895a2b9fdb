import { defineError } from '#app/errors.ts';

export const licenseRequired = defineError('license_required', 403, 'A license is needed');
export const entitlementMissing = defineError(
  'entitlement_missing',
  403,
  'The license does not include this',
);
export const grantEnded = defineError('license_grant_ended', 409, 'The grant has ended already');
