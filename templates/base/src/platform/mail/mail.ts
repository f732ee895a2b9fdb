import { z } from 'zod';

/** A link that a mail asks its reader to follow. */
const MailLink = z.strictObject({
  link: z.url({ protocol: /^https?$/ }),
  /** What is done there, in the imperative: `Set a new password`. */
  label: z.string().min(1).max(100),
});

/** A mail to one person: what it says, paragraph by paragraph. How that looks is decided when it is sent. */
export const Mail = z.strictObject({
  to: z.email().max(254),
  subject: z.string().regex(/^[^\r\n]{1,200}$/),
  paragraphs: z.array(z.union([z.string().min(1), MailLink])).min(1),
});
export type Mail = z.infer<typeof Mail>;
export type MailLink = z.infer<typeof MailLink>;

export interface Mailer {
  /**
   * Hands a mail over.
   *
   * @param key the same for each attempt to send this mail, and for no other
   * @throws DeliveryError
   */
  send(mail: Mail, key: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** What a mail says in plain text, with each link on a line of its own. */
export function textOf({ paragraphs }: Pick<Mail, 'paragraphs'>): string {
  return paragraphs.map((part) => (typeof part === 'string' ? part : part.link)).join('\n\n');
}
