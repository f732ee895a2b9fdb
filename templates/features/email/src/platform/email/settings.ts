import { z } from 'zod';
import { isProduction, neededWhere, refusedWhere } from '#app/environment.ts';
import { mailSettings, type MailSettings } from '../mail/settings.ts';

type Given = Readonly<Record<string, string | undefined>>;

const sendsBy =
  (provider: string) =>
  (given: Given): boolean =>
    isProduction(given) && (given['EMAIL_PROVIDER'] ?? 'smtp') === provider;

export const emailSettings = {
  /** Who takes the mails: a mail server, or Resend by its API. */
  EMAIL_PROVIDER: z.enum(['smtp', 'resend']).default('smtp'),
  /** Needed for `smtp` alone. */
  SMTP_URL: neededWhere(mailSettings.SMTP_URL.unwrap(), sendsBy('smtp')),
  /** A key of Resend's. One that may only send is enough. */
  RESEND_API_KEY: neededWhere(
    z
      .string()
      .trim()
      .regex(/^re_\w+$/, 'Must be a key such as re_…'),
    sendsBy('resend'),
  ),
  /** Secrets of the webhook at Resend: while one is rotated, the old and the new. */
  RESEND_WEBHOOK_SECRETS: neededWhere(
    z
      .string()
      .transform((text) => text.split(',').map((secret) => secret.trim()))
      .pipe(
        z.array(
          z
            .string()
            .regex(
              /^whsec_[A-Za-z\d+/]{16,}={0,2}$/,
              'Must be secrets such as whsec_…, comma-separated',
            ),
        ),
      ),
    sendsBy('resend'),
  ),
  /** A server that answers in place of Resend. It gets the key, and mails with links that sign in. */
  RESEND_API_BASE: refusedWhere(
    z
      .url({ protocol: /^https?$/, error: 'Must be a URL of the form https://api.example.com' })
      .default('https://api.resend.com'),
    (given) =>
      isProduction(given) && URL.parse(given['RESEND_API_BASE'] ?? '')?.protocol !== 'https:'
        ? 'has to be https in production'
        : undefined,
  ),
};

export type EmailSettings = MailSettings & z.infer<z.ZodObject<typeof emailSettings>>;
