import { createTransport } from 'nodemailer';
import { DeliveryError } from '../outbox/delivery.ts';
import { messageIdOf, type Transport } from './transport.ts';

/** Milliseconds for each step of talking to the server; the caller bounds the whole. */
const timeouts = {
  dnsTimeout: 5000,
  connectionTimeout: 10_000,
  greetingTimeout: 10_000,
  socketTimeout: 15_000,
};

/**
 * Hands mails to a server. They hold links that sign in, so a server on another machine has to
 * speak TLS. What the URL's query says goes before the options here, such as `?requireTLS=false`.
 */
export function smtpTransport({ url, from }: { url: string; from: string }): Transport {
  const transport = createTransport({
    ...timeouts,
    requireTLS: !isThisMachine(url),
    disableFileAccess: true,
    disableUrlAccess: true,
    url,
  });
  return {
    async send({ to, subject, text, html }, key, signal) {
      try {
        await transport.sendMail({
          from,
          // Not as text, in which a comma would begin another address.
          to: { name: '', address: to },
          subject,
          text,
          html,
          messageId: messageIdOf(key, from),
          // RFC 3834: nobody's out-of-office note is to answer it.
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        });
      } catch (error) {
        throw deliveryError(error);
      }
    },
    close: async () => transport.close(),
  };
}

function isThisMachine(url: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname);
}

interface SmtpError {
  readonly code?: string;
  readonly originalCode?: string;
  readonly command?: string;
  readonly responseCode?: number;
  readonly permanent?: boolean;
}

/** The error itself is not passed on: the server's answer repeats the address. */
function deliveryError(error: unknown): DeliveryError {
  const { code, originalCode, command, responseCode, permanent } = error as SmtpError;
  if (responseCode === undefined) {
    return new DeliveryError(`The mail server cannot be used (${originalCode ?? code})`);
  }
  // A wrong password or sender is refused for good as well, and is the operator's to mend.
  const ofThisMail = command === 'RCPT TO' || code === 'EMESSAGE';
  return new DeliveryError(`The mail server answered ${responseCode} to ${command}`, {
    permanent: permanent === true && ofThisMail,
  });
}
