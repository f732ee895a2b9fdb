import { once } from 'node:events';
import { readFile, stat } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fileTransport } from '#app/platform/mail/files.ts';
import { Mail, textOf } from '#app/platform/mail/mail.ts';
import { smtpTransport } from '#app/platform/mail/smtp.ts';
import { StoredMail } from '#app/platform/mail/stored-mail.ts';
import type { Message } from '#app/platform/mail/transport.ts';
import { DeliveryError } from '#app/platform/outbox/delivery.ts';
import { temporaryFolder } from './support/folder.ts';
import { mailsIn } from './support/sent-mail.ts';
import { openMailServer, type MailServer } from './support/mail-server.ts';

let server: MailServer;

beforeEach(async () => {
  server = await openMailServer();
});
afterEach(() => server.close());

const mail = {
  to: 'ann@example.com',
  subject: 'Grüße',
  text: 'Follow this link:\n\nhttps://app.example.com/a?b=c',
};
const from = 'App <no-reply@example.com>';
const never = new AbortController().signal;

const send = (message: Partial<Message> = {}, key = 'key-1', url = server.url) =>
  smtpTransport({ url, from }).send({ ...mail, ...message }, key, never);

const failureOf = async (sending: Promise<void>): Promise<DeliveryError> => {
  const thrown: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DeliveryError)) throw new Error('It did not fail as a delivery does');
  return thrown;
};

test('a mail arrives as it was written', async () => {
  await send();
  expect(server.mails).toMatchObject([
    { from: 'no-reply@example.com', to: ['ann@example.com'], text: mail.text },
  ]);
  const { headers } = server.mails[0] ?? {};
  expect(headers?.get('from')).toBe(from);
  expect(headers?.get('subject')).toBe('=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=');
  expect(headers?.get('auto-submitted')).toBe('auto-generated');
});

test('what a mail says is its paragraphs, with each link on a line of its own', () => {
  const link = { link: 'https://app.example.com/a?b=c', label: 'Do it' };
  expect(textOf({ paragraphs: ['Do this:', link, 'Or not.'] })).toBe(
    'Do this:\n\nhttps://app.example.com/a?b=c\n\nOr not.',
  );
});

test.for(['javascript:alert(1)', 'data:text/html,hello', '/a', 'nothing'])(
  '%s is no link of a mail',
  (link) => {
    const { success } = Mail.safeParse({ ...mail, paragraphs: [{ link, label: 'Do it' }] });
    expect(success).toBe(false);
  },
);

test('a mail that waits since an older version, as a text, says the same', () => {
  const { to, subject } = mail;
  expect(StoredMail.parse(mail)).toEqual({
    to,
    subject,
    paragraphs: [
      'Follow this link:',
      { link: 'https://app.example.com/a?b=c', label: 'Open the page' },
    ],
  });
  expect(textOf(StoredMail.parse({ ...mail, text: `${mail.text}\n` }))).toBe(mail.text);
});

test('a mail that is sent again has the same Message-ID, and another one has another', async () => {
  for (const key of ['key-1', 'key-1', 'key-2']) await send({}, key);
  expect(server.mails.map(({ headers }) => headers.get('message-id'))).toEqual([
    '<key-1@example.com>',
    '<key-1@example.com>',
    '<key-2@example.com>',
  ]);
});

test.for([
  { to: 'ann@example.com, bob@example.com' },
  { to: 'ann@example.com\r\nBcc: bob@example.com' },
  { subject: 'Hello\r\nBcc: bob@example.com' },
  { subject: 'Hello\nBcc: bob@example.com' },
])('%j is no mail, and if it were it would reach nobody else', async (part) => {
  const whole = { to: mail.to, subject: mail.subject, paragraphs: ['Hello'] };
  expect(Mail.safeParse(whole).success).toBe(true);
  expect(Mail.safeParse({ ...whole, ...part }).success).toBe(false);
  await send(part).catch(() => undefined);
  const reached = server.mails.flatMap(({ to }) => to);
  expect(reached.filter((address) => address === 'bob@example.com')).toEqual([]);
  for (const { headers } of server.mails) expect(headers.has('bcc')).toBe(false);
});

test('an address that the server refuses for good is given up, and not repeated', async () => {
  server.refuse('RCPT TO', 550, 'No such user ann@example.com');
  const failure = await failureOf(send());
  expect(failure.permanent).toBe(true);
  expect(failure.message).toBe('The mail server answered 550 to RCPT TO');
});

test('a mail whose text the server refuses for good is given up', async () => {
  server.refuse('DATA', 554, 'Looks like spam');
  expect(await failureOf(send())).toMatchObject({ permanent: true });
});

test.for([
  ['an address for now', 'RCPT TO', 450],
  ['a mail for now', 'DATA', 451],
  ['the sender', 'MAIL FROM', 550],
] as const)('a server that refuses %s is tried again', async ([, command, code]) => {
  server.refuse(command, code, 'Not now');
  expect(await failureOf(send())).toMatchObject({ permanent: false });
});

test('a server that is not there is tried again', async () => {
  await server.close();
  const failure = await failureOf(send());
  expect(failure).toMatchObject({ permanent: false });
  expect(failure.message).toContain('ECONNREFUSED');
});

test('a server on another machine has to speak TLS', async () => {
  const url = server.url.replace('127.0.0.1', '[::ffff:127.0.0.1]');
  const failure = await failureOf(send({}, 'key', url));
  expect(failure.message).toContain('STARTTLS');
  expect(server.mails).toEqual([]);
  await send({}, 'key', `${url}?requireTLS=false`);
  expect(server.mails).toHaveLength(1);
});

/** Takes connections, and says no more than it is told to. */
async function openSilentServer(greeting = '') {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.write(greeting);
  });
  silent.listen(0, '127.0.0.1');
  await once(silent, 'listening');
  return {
    url: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    close() {
      silent.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

test.for([
  ['does not greet', '', 'greetingTimeout=20'],
  ['stops answering', '220 hello\r\n', 'socketTimeout=20'],
] as const)('a server that %s is waited for no longer than is set', async ([, greeting, limit]) => {
  const silent = await openSilentServer(greeting);
  const failure = await failureOf(send({}, 'key', `${silent.url}?${limit}`));
  expect(failure).toMatchObject({ permanent: false });
  expect(failure.message).toContain('ETIMEDOUT');
  silent.close();
});

test('an attempt that has to end is ended', async () => {
  const silent = await openSilentServer();
  const stopping = new AbortController();
  const sending = smtpTransport({ url: silent.url, from }).send(mail, 'key', stopping.signal);
  stopping.abort();
  expect(await failureOf(sending)).toMatchObject({ permanent: false });
  silent.close();
});

test('without a server a mail is a file, one however often it is sent; the log says only where', async () => {
  const folder = join(await temporaryFolder(), 'mail');
  const lines: string[] = [];
  const shown: string[] = [];
  const transport = fileTransport({
    folder,
    from,
    log: pino({}, { write: (line: string) => void lines.push(line) }),
    show: (text) => void shown.push(text),
  });
  await transport.send(mail, 'key-1', never);
  await transport.send(mail, 'key-1', never);

  expect(await mailsIn(folder)).toEqual([
    { ...mail, messageId: '<key-1@example.com>', text: `${mail.text}\n` },
  ]);
  expect(await readFile(join(folder, 'key-1.eml'), 'utf8')).toContain(`From: ${from}\n`);
  expect(lines.join('')).toContain('key-1.eml');
  expect(lines.join('')).not.toMatch(/ann@|https:/);
  expect(shown[0]).toContain('https://app.example.com/a?b=c');
});

test.skipIf(process.platform === 'win32')('a mail in a file is for its owner alone', async () => {
  const folder = await temporaryFolder();
  const transport = fileTransport({ folder, from, log: pino({ level: 'silent' }) });
  await transport.send(mail, 'key-1', never);
  expect((await stat(join(folder, 'key-1.eml'))).mode & 0o777).toBe(0o600);
});
