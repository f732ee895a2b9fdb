import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerEnvelope } from 'smtp-server';

export interface ReceivedMail {
  /** From the envelope: what the server was told, whatever the headers say. */
  readonly from: string;
  readonly to: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** All of it, as it came. */
  readonly source: string;
}

export interface MailServer {
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** Has every such command answered so from now on. */
  refuse(command: 'MAIL FROM' | 'RCPT TO' | 'DATA', code: number, answer: string): void;
  close(): Promise<void>;
}

/** A server on this machine that takes mails and keeps them. */
export async function openMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  const refusals = new Map<string, Error>();
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onMailFrom: (_address, _session, done) => done(refusals.get('MAIL FROM')),
    onRcptTo: (_address, _session, done) => done(refusals.get('RCPT TO')),
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const refusal = refusals.get('DATA');
        if (refusal === undefined) {
          mails.push({ ...addressesOf(envelope), ...parse(Buffer.concat(chunks)) });
        }
        done(refusal);
      });
    },
  });
  // A client that goes away in the middle is what some tests are about.
  server.on('error', () => undefined);
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');

  return {
    url: `smtp://127.0.0.1:${(listening.address() as AddressInfo).port}`,
    mails,
    refuse(command, code, answer) {
      refusals.set(command, Object.assign(new Error(answer), { responseCode: code }));
    },
    async close() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await closed.promise;
    },
  };
}

function addressesOf({ mailFrom, rcptTo }: SMTPServerEnvelope): Pick<ReceivedMail, 'from' | 'to'> {
  return {
    from: mailFrom === false ? '' : mailFrom.address,
    to: rcptTo.map(({ address }) => address),
  };
}

/** Headers by their names in lower case, and the text with its soft line breaks undone. */
function parse(bytes: Buffer): Omit<ReceivedMail, 'from' | 'to'> {
  const source = bytes.toString('utf8');
  const [head = '', body = ''] = source.split(/\r\n\r\n(.*)/s);
  const lines = head.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const [name = '', value = ''] = line.split(/: (.*)/s);
    return [name.toLowerCase(), value];
  });
  const text = body.replaceAll('=\r\n', '').replaceAll('=3D', '=').replaceAll('\r\n', '\n');
  return { headers: new Map(headers), text: text.trimEnd(), source };
}
