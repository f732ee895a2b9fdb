import {
  emailTaken,
  invalidCode,
  invalidCredentials,
  secondFactorRequired,
  signInBusy,
  tooManyAttempts,
  weakPassword,
} from '#app/domains/auth/errors.ts';
import type { AppError, ErrorKind } from '#app/errors.ts';
import { invitationForAnother, seatsTaken } from '../../errors.ts';

interface Refused {
  readonly status: 403 | 409 | 422 | 429 | 503;
  /** What the person reads; what the error says, where it is left out. */
  readonly error?: string;
}

const known = new Map<ErrorKind, Refused>([
  [
    invitationForAnother,
    { status: 403, error: 'You are not signed in with the address that was invited.' },
  ],
  [
    seatsTaken,
    { status: 409, error: 'There is no seat left. Ask whoever has invited you to make room.' },
  ],
  [emailTaken, { status: 409 }],
  [weakPassword, { status: 422 }],
  [invalidCredentials, { status: 422, error: 'This is not the password of your account.' }],
  [
    secondFactorRequired,
    { status: 422, error: 'Type the password and a code of your authenticator app.' },
  ],
  [invalidCode, { status: 422, error: 'This code is wrong, or was used before.' }],
  [tooManyAttempts, { status: 429, error: 'This was tried too often. Try again later.' }],
  [signInBusy, { status: 503, error: 'Too much is going on. Try again now.' }],
]);

/** The errors that a form of these pages is refused by. */
export const refusals: readonly ErrorKind[] = [...known.keys()];

/** How one of them is answered. */
export function refusedBy({ kind, message }: AppError): Required<Refused> {
  const { status = 422, error = message } = known.get(kind) ?? {};
  return { status, error };
}
