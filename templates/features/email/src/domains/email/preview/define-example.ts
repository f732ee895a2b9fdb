import type { Mail } from '#app/platform/mail/mail.ts';

/** A function that makes a mail: to whom, and what it is about. */
export type MailTemplate<Input extends readonly unknown[]> = (to: string, ...input: Input) => Mail;

/** A mail as the preview shows it. */
export interface MailExample {
  /** Its address in the preview: `verify-address`. */
  readonly name: string;
  /** The function that has made it. */
  readonly template: unknown;
  readonly mail: Mail;
}

/** Mails about one thing. */
export interface MailExamples {
  readonly title: string;
  readonly mails: readonly MailExample[];
}

export const exampleTo = 'ann@example.com';
export const exampleOrigin = 'https://app.example.com';
/** As those of links are. */
export const exampleToken = 'q2Vb8mJxk0Zr5nT4yUeW7aLcD1fGhSoP6iXvB9NtEwM';

/**
 * Shows what a function makes of some input.
 *
 * @param name unlike that of any other example
 */
export function exampleOf<Input extends readonly unknown[]>(
  name: string,
  template: MailTemplate<Input>,
  ...input: Input
): MailExample {
  return { name, template, mail: template(exampleTo, ...input) };
}
