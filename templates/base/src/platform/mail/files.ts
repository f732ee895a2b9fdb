import { join } from 'node:path';
import type { Log } from '#app/log.ts';
import { writePrivateFile } from '../private-file.ts';
import { messageIdOf, type Message, type Transport } from './transport.ts';

/**
 * Writes mails into a folder, a file each, which mail programs open. They hold links that sign in:
 * the log says only where a mail is.
 *
 * @param deps.show gets each mail to read as well
 */
export function fileTransport(deps: {
  folder: string;
  from: string;
  log: Log;
  show?: (text: string) => void;
}): Transport {
  const { folder, from, log, show } = deps;
  return {
    async send(message, key) {
      const { to, subject, text } = message;
      const head = [
        `From: ${from}`,
        `To: ${to}`,
        `Subject: ${subject}`,
        `Date: ${new Date().toUTCString()}`,
        `Message-ID: ${messageIdOf(key, from)}`,
        'MIME-Version: 1.0',
      ];
      const file = join(folder, `${key}.eml`);
      await writePrivateFile(file, `${head.join('\n')}\n${bodyOf(message, `part-${key}`)}`);
      log.info({ file }, 'wrote a mail');
      show?.(`\n  Mail to ${to}: ${subject}\n\n${text.replaceAll(/^(?=.)/gm, '  ')}\n\n`);
    },
    close: async () => {},
  };
}

/** The rest of the head, and the text; where there is HTML too, one after the other (RFC 2046, 5.1.4). */
function bodyOf({ text, html }: Message, boundary: string): string {
  const plain = partOf('plain', text);
  if (html === undefined) return plain;
  return `Content-Type: multipart/alternative; boundary="${boundary}"

--${boundary}
${plain}
--${boundary}
${partOf('html', html)}
--${boundary}--
`;
}

function partOf(type: 'plain' | 'html', content: string): string {
  return `Content-Type: text/${type}; charset=utf-8
Content-Transfer-Encoding: 8bit

${content}
`;
}
