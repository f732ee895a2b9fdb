import { defineError } from '#app/errors.ts';

export const emailTaken = defineError('email_taken', 409, 'E-mail address already registered');
export const invalidCredentials = defineError(
  'invalid_credentials',
  401,
  'E-mail address or password is wrong',
);
export const invalidRefreshToken = defineError(
  'invalid_refresh_token',
  401,
  'Refresh token is not valid',
);
export const signInBusy = defineError('sign_in_busy', 503, 'Too many sign-ins at once');
export const emailNotVerified = defineError(
  'email_not_verified',
  403,
  'E-mail address is not verified',
);
export const sameEmail = defineError('same_email', 422, 'E-mail address is the same');
export const weakPassword = defineError('weak_password', 422, 'Password is too easy to guess');
export const wrongPassword = defineError('wrong_password', 422, 'Current password is wrong');
export const invalidLink = defineError('invalid_link', 410, 'Link does not work any more');
export const tooManyAttempts = defineError('too_many_attempts', 429, 'Too many attempts');
export const secondFactorRequired = defineError(
  'second_factor_required',
  401,
  'A code of the second factor is needed too',
);
export const invalidCode = defineError('invalid_code', 401, 'Code is wrong, or was used before');
export const secondFactorExists = defineError(
  'second_factor_exists',
  409,
  'A second factor is set up already',
);
export const noSecondFactor = defineError(
  'no_second_factor',
  409,
  'There is no second factor to do this with',
);
