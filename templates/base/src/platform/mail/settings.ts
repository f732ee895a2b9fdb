import { z } from 'zod';
import { neededInProduction } from '#app/environment.ts';

export const mailSettings = {
  /** The server that takes the mails. Where it is not set, they are written into files. */
  SMTP_URL: neededInProduction(
    z.url({
      protocol: /^smtps?$/,
      error: 'Must be a URL of the form smtps://user:password@host:465 or smtp://host:587',
    }),
  ),
  /** Whom the mails are from: an address, or `Name <address>`. */
  MAIL_FROM: neededInProduction(
    z
      .string()
      .regex(
        /^(?:[^<>@\r\n]+ <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
        'Must be an address, or Name <address>',
      ),
  ),
  /** Where mails are written that go to no server. */
  MAIL_FOLDER: z.string().min(1).default('.shipkit/local/mail'),
};

export type MailSettings = z.infer<z.ZodObject<typeof mailSettings>>;
