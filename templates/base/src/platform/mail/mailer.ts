import type { Log } from '#app/log.ts';
import { fileTransport } from './files.ts';
import { textOf, type Mailer } from './mail.ts';
import type { MailSettings } from './settings.ts';
import { smtpTransport } from './smtp.ts';
import type { Transport } from './transport.ts';

export interface TransportDeps {
  readonly settings: MailSettings & { readonly NODE_ENV: string };
  readonly log: Log;
}

/** Opens what sends mails, as plain text. */
export async function openMailer(deps: TransportDeps): Promise<Mailer> {
  return plainMailer(openTransport(deps));
}

export function plainMailer(transport: Transport): Mailer {
  return {
    send: ({ to, subject, paragraphs }, key, signal) =>
      transport.send({ to, subject, text: textOf({ paragraphs }) }, key, signal),
    close: () => transport.close(),
  };
}

/** The way that mails take: to a server, or into files and in development to the screen. */
export function openTransport({ settings, log }: TransportDeps): Transport {
  const { SMTP_URL: url, MAIL_FOLDER: folder, NODE_ENV } = settings;
  const from = senderOf(settings);
  if (url !== undefined) return smtpTransport({ url, from });
  const show = NODE_ENV === 'development' && ((text: string) => void process.stderr.write(text));
  return fileTransport({ folder, from, log, ...(show && { show }) });
}

/** Whom the mails are from. */
export function senderOf({ MAIL_FROM }: Pick<MailSettings, 'MAIL_FROM'>): string {
  return MAIL_FROM ?? 'no-reply@localhost';
}
