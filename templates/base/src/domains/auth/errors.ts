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
