import { defineError } from '#app/errors.ts';

export const flagUnknown = defineError('flag_unknown', 404, 'There is no such flag');
export const flagChanged = defineError(
  'flag_changed',
  409,
  'The flag was changed since you saw it',
);
