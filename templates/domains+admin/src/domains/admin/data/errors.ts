import { defineError } from '#app/errors.ts';

export const unknownAccount = defineError('unknown_account', 422, 'There is no such account');
export const changedMeanwhile = defineError(
  'changed_meanwhile',
  409,
  'It was changed since you opened this form',
);
