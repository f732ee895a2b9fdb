// What sends mails: as text and HTML, by a mail server or by Resend, and never to an address that is
// suppressed.
import type { Database } from '#app/database/database.ts';
import { textOf, type Mailer } from '../mail/mail.ts';
import { openTransport, senderOf, type TransportDeps } from '../mail/mailer.ts';
import type { Transport } from '../mail/transport.ts';
import { startLoop } from '../loop.ts';
import { pruneEmailEvents } from './events.ts';
import { htmlOf } from './html.ts';
import { resendTransport } from './resend.ts';
import type { EmailSettings } from './settings.ts';
import { findSuppression } from './suppressions.ts';

const prunePause = 3_600_000;

export interface EmailDeps extends TransportDeps {
  readonly settings: EmailSettings & { readonly NODE_ENV: string };
  readonly database: Database;
}

/** Opens what sends mails. */
export async function openEmail(deps: EmailDeps): Promise<Mailer> {
  const { log, database } = deps;
  const transport = transportFor(deps);
  const pruning = startLoop({ name: 'email pruning', pause: prunePause, log }, () =>
    pruneEmailEvents(database),
  );

  return {
    async send(mail, key, signal) {
      const { to, subject } = mail;
      // Here, and not when the mail was written: it may have waited while its address bounced.
      const suppression = await findSuppression(database.queries, to);
      if (suppression !== undefined) {
        const { reason } = suppression;
        log.info({ outboxId: key, reason }, 'a mail was not sent: its address is suppressed');
        return;
      }
      const message = { to, subject, text: textOf(mail), html: htmlOf(mail) };
      await transport.send(message, key, signal);
    },

    async close() {
      await pruning.close();
      await transport.close();
    },
  };
}

/** Where nothing is set, as in development, mails are written into files. */
function transportFor(deps: EmailDeps): Transport {
  const { settings } = deps;
  const { EMAIL_PROVIDER, RESEND_API_KEY: key, RESEND_API_BASE: base } = settings;
  if (EMAIL_PROVIDER === 'smtp') return openTransport(deps);
  if (key !== undefined) return resendTransport({ key, base, from: senderOf(settings) });
  return openTransport({ ...deps, settings: { ...settings, SMTP_URL: undefined } });
}
