import { join } from 'node:path';
import type { Log } from '#app/log.ts';
import { writePrivateFile } from '../private-file.ts';
import { messageIdOf, type Mailer } from './mail.ts';

/**
 * Writes mails into a folder, a file each, which mail programs open. They hold links that sign in:
 * the log says only where a mail is.
 *
 * @param deps.show gets each mail to read as well
 */
export function fileMailer(deps: {
  folder: string;
  from: string;
  log: Log;
  show?: (text: string) => void;
}): Mailer {
  const { folder, from, log, show } = deps;
  return {
    async send({ to, subject, text }, key) {
      const head = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: ${messageIdOf(key, from)}`,
        'Content-Type: text/plain; charset=utf-8',
        'Content-Transfer-Encoding: 8bit',
      ];
      const file = join(folder, `${key}.eml`);
      await writePrivateFile(file, `${head.join('\n')}\n\n${text}\n`);
      log.info({ file }, 'wrote a mail');
      show?.(`\n  Mail to ${to}: ${subject}\n\n${text.replaceAll(/^(?=.)/gm, '  ')}\n\n`);
    },
    close: async () => {},
  };
}
