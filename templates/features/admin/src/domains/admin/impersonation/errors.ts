import { defineError } from '#app/errors.ts';

export const alreadyActing = defineError(
  'already_acting',
  409,
  'You act in a customer’s place already: end that first',
);
export const notActing = defineError('not_acting', 409, 'You act in nobody’s place');
export const subjectIsOperator = defineError(
  'subject_is_operator',
  403,
  'Nobody may act in an operator’s place',
);
