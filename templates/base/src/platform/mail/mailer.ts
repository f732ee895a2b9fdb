import type { Log } from '#app/log.ts';
import { fileMailer } from './files.ts';
import type { Mailer } from './mail.ts';
import type { MailSettings } from './settings.ts';
import { smtpMailer } from './smtp.ts';

/** Opens the way that mails take: to a server, or into files and in development to the screen. */
export async function openMailer(deps: {
  settings: MailSettings & { NODE_ENV: string };
  log: Log;
}): Promise<Mailer> {
  const { SMTP_URL: url, MAIL_FOLDER: folder, NODE_ENV } = deps.settings;
  const from = deps.settings.MAIL_FROM ?? 'no-reply@localhost';
  if (url !== undefined) return smtpMailer({ url, from });
  const show = NODE_ENV === 'development' && ((text: string) => void process.stderr.write(text));
  return fileMailer({ folder, from, log: deps.log, ...(show && { show }) });
}
