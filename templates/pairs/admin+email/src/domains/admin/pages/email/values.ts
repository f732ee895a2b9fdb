import type { SuppressionReason } from '#app/platform/email/suppressions.ts';

/** Why an address gets no mail, for who reads it. */
export const reasonTexts: Readonly<Record<SuppressionReason, string>> = {
  bounce: 'Its server has refused a mail for good',
  complaint: 'A mail to it was reported as spam',
  refused: 'The mail provider has it on a list of its own',
  operator: 'An operator has put it on the list',
};
