import { defineError, type AppError } from '#app/errors.ts';

export const signInPath = '/admin/sign-in';
const signInRequired = defineError('admin_sign_in_required', 303, 'Sign in first');

/**
 * Leads to the page that signs in.
 *
 * @param hadSession whether there was a session, whose end that page then tells of
 */
export const adminSignInRequired = (hadSession = false): AppError =>
  signInRequired({
    headers: { Location: hadSession ? `${signInPath}?done=session-ended` : signInPath },
  });

export const permissionDenied = defineError('permission_denied', 403, 'Your role may not do this');
export const actingDenied = defineError(
  'acting_denied',
  403,
  'Not while you act in a customer’s place',
);
export const operatorExists = defineError(
  'operator_exists',
  409,
  'There is an operator with this address',
);
export const operatorMissing = defineError('operator_missing', 404, 'There is no such operator');
export const lastOwner = defineError(
  'last_owner',
  409,
  'Nobody else could sign in as owner: have another owner first, who has followed the invitation',
);
export const wrongFirstCode = defineError(
  'wrong_first_code',
  422,
  'This is not the code that the app shows now',
);
