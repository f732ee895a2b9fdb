// Mails as they wait in the outbox, also those that a version before this one has written there.
import { z } from 'zod';
import { Mail } from './mail.ts';

/** A mail was a text once, with its links on lines of their own. */
const TextMail = Mail.omit({ paragraphs: true })
  .extend({ text: z.string().min(1) })
  .transform(({ text, ...mail }): Mail => ({ ...mail, paragraphs: paragraphsOf(text) }));

export const StoredMail = z.union([Mail, TextMail]);

function paragraphsOf(text: string): Mail['paragraphs'] {
  return text
    .trim()
    .split('\n\n')
    .map((part) => (/^https?:\/\/\S+$/.test(part) ? { link: part, label: 'Open the page' } : part));
}
