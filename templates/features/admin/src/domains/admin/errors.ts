import { defineError } from '#app/errors.ts';

export const adminSignInRequired = defineError('admin_sign_in_required', 303, 'Sign in first');
export const permissionDenied = defineError('permission_denied', 403, 'Your role may not do this');
export const actingDenied = defineError(
  'acting_denied',
  403,
  'Not while you act in a customer’s place',
);
