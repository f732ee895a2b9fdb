import { z } from 'zod';

/** A mail to one person, in plain text. */
export const Mail = z.strictObject({
  to: z.email().max(254),
  subject: z.string().regex(/^[^\r\n]{1,200}$/),
  text: z.string().min(1),
});
export type Mail = z.infer<typeof Mail>;

export interface Mailer {
  /**
   * Hands a mail over.
   *
   * @param key becomes its Message-ID: where the same mail arrives twice, its receiver can tell
   * @throws DeliveryError
   */
  send(mail: Mail, key: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/** The key as a Message-ID (RFC 5322, section 3.6.4), in the sender's own domain. */
export function messageIdOf(key: string, from: string): string {
  const domain = /@([^<>@\s]+)/.exec(from)?.[1] ?? 'localhost';
  return `<${key}@${domain}>`;
}
