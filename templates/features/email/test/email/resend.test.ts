// Mails on their way to Resend, in whose place a server of the test's own answers.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resetPasswordMail } from '#app/domains/auth/account/mails.ts';
import { SettingsError } from '#app/environment.ts';
import { htmlOf } from '#app/platform/email/html.ts';
import { textOf, type Mailer } from '#app/platform/mail/mail.ts';
import { DeliveryError } from '#app/platform/outbox/delivery.ts';
import { readSettings } from '#app/settings.ts';
import { production } from '../support/production.ts';
import { useEmail } from './support/email.ts';
import {
  apiKey,
  openFakeResend,
  problem,
  webhookSecret,
  type FakeResend,
} from './support/fake-resend.ts';

const email = useEmail();
let resend: FakeResend;
let mailer: Mailer;

beforeEach(async () => {
  resend = await openFakeResend();
  mailer = await email.open({
    EMAIL_PROVIDER: 'resend',
    RESEND_API_KEY: apiKey,
    RESEND_API_BASE: resend.url,
    MAIL_FROM: 'App <no-reply@example.com>',
  });
});
afterEach(async () => {
  await mailer.close();
  await resend.close();
});

const mail = resetPasswordMail('ann@example.com', { reset: 'https://app.example.com/a?token=b' });
const never = new AbortController().signal;

const failureOf = async (sending: Promise<void>): Promise<DeliveryError> => {
  const thrown: unknown = await sending.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DeliveryError)) throw new Error('It did not fail as a delivery does');
  return thrown;
};

test('a mail is handed over in both forms, with the key of its delivery', async () => {
  const { id } = await email.deliver(mailer, mail);
  expect(resend.requests).toMatchObject([
    {
      method: 'POST',
      path: '/emails',
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': id,
      },
    },
  ]);
  expect(resend.requests[0]?.body).toEqual({
    from: 'App <no-reply@example.com>',
    to: ['ann@example.com'],
    subject: mail.subject,
    text: textOf(mail),
    html: htmlOf(mail),
    headers: { 'X-Entity-Ref-ID': id, 'Auto-Submitted': 'auto-generated' },
  });
  expect(email.logged()).not.toMatch(/ann@|token=|re_test/);
});

test('a mail that is sent again has the same key, and is taken once', async () => {
  for (const key of ['key-1', 'key-1', 'key-2']) await mailer.send(mail, key, never);
  expect(resend.requests).toHaveLength(3);
  expect(resend.taken).toHaveLength(2);
});

test('a mail that was taken, and looks otherwise by now, counts as sent', async () => {
  await mailer.send(mail, 'key-1', never);
  await mailer.send({ ...mail, subject: 'The same in other words' }, 'key-1', never);
  expect(resend.taken).toMatchObject([{ subject: mail.subject }]);
});

test.for([
  [422, 'validation_error', 'Invalid `to` field.', true],
  [422, 'missing_required_field', 'Missing `subject` field.', true],
  [422, 'invalid_from_address', 'Invalid from address.', false],
  [422, 'validation_error', 'Invalid `from` field.', false],
  [400, 'invalid_idempotency_key', 'Too long.', false],
  [401, 'missing_api_key', 'Missing.', false],
  [403, 'invalid_api_key', 'API key is invalid', false],
  [403, 'validation_error', 'The example.com domain is not verified.', false],
  [404, 'not_found', 'Not here.', false],
  [409, 'concurrent_idempotent_requests', 'In progress.', false],
  [429, 'rate_limit_exceeded', 'Too many requests.', false],
  [429, 'daily_quota_exceeded', 'Too many mails.', false],
  [500, 'application_error', 'Something went wrong.', false],
  [503, 'service_unavailable', 'Later.', false],
] as const)('an answer %i %s (%s) is given up: %j', async ([status, name, message, permanent]) => {
  resend.answer(status, problem(name, `${message} ann@example.com`));
  const failure = await failureOf(mailer.send(mail, 'key', never));
  expect(failure.permanent).toBe(permanent);
  expect(failure.message).toBe(`Resend answered ${status} (${name})`);
});

test('an answer that is none of Resend’s is tried again, and not repeated', async () => {
  resend.answer(422, { error: 'ann@example.com' });
  const failure = await failureOf(mailer.send(mail, 'key', never));
  expect(failure).toMatchObject({ message: 'Resend answered 422', permanent: false });
});

test('nobody else is given the key: a redirect is not followed', async () => {
  const other = await openFakeResend();
  resend.answer(307, {}, { location: `${other.url}/emails` });
  const failure = await failureOf(mailer.send(mail, 'key', never));
  expect(failure).toMatchObject({ message: 'Resend answered 307', permanent: false });
  expect(other.requests).toEqual([]);
  await other.close();
});

test('a wrong key is the operator’s to mend: the mail waits, and neither row nor log has the key', async () => {
  resend.answer(401, problem('missing_api_key', apiKey));
  const row = await email.deliver(mailer, mail, 'failed');
  expect(row['last_error']).toBe('Resend answered 401 (missing_api_key)');
  expect(email.logged()).not.toContain(apiKey);
});

test('a server that is not there is tried again', async () => {
  await resend.close();
  const failure = await failureOf(mailer.send(mail, 'key', never));
  expect(failure).toMatchObject({
    message: 'Resend cannot be reached (ECONNREFUSED)',
    permanent: false,
  });
  resend = await openFakeResend();
});

test('an attempt that has to end is ended', async () => {
  const failure = await failureOf(mailer.send(mail, 'key', AbortSignal.abort()));
  expect(failure).toMatchObject({
    message: 'Resend cannot be reached (AbortError)',
    permanent: false,
  });
});

test('without a key, as in development, mails are files', async () => {
  const inFiles = await email.open({ EMAIL_PROVIDER: 'resend', SMTP_URL: 'smtp://127.0.0.1:1' });
  await inFiles.send(mail, 'key', never);
  expect(email.logged()).toContain('wrote a mail');
  await inFiles.close();
});

test('production takes one provider or the other, with all that it needs', () => {
  const complete = { ...production, DATABASE_URL: 'mysql://app:secret@127.0.0.1:3306/app' };
  const { SMTP_URL, ...without } = complete;
  const resendOnly = {
    ...without,
    EMAIL_PROVIDER: 'resend',
    RESEND_API_KEY: apiKey,
    RESEND_WEBHOOK_SECRETS: `${webhookSecret}, ${webhookSecret}`,
  };
  expect(readSettings(complete)).toMatchObject({ EMAIL_PROVIDER: 'smtp', SMTP_URL });
  expect(readSettings(resendOnly)).toMatchObject({
    RESEND_API_BASE: 'https://api.resend.com',
    RESEND_WEBHOOK_SECRETS: [webhookSecret, webhookSecret],
  });
  expect(() => readSettings(without)).toThrow('SMTP_URL: is not set');
  for (const missing of ['RESEND_API_KEY', 'RESEND_WEBHOOK_SECRETS']) {
    expect(() => readSettings({ ...resendOnly, [missing]: '' })).toThrow(`${missing}: is not set`);
  }
  for (const [name, value] of [
    ['RESEND_API_KEY', 'secret-zzz'],
    ['RESEND_WEBHOOK_SECRETS', `${webhookSecret},zzz`],
    ['RESEND_API_BASE', 'ftp://zzz'],
    ['RESEND_API_BASE', 'http://zzz.example.com'],
    ['EMAIL_PROVIDER', 'zzz'],
  ] as const) {
    const read = () => readSettings({ ...resendOnly, [name]: value });
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(new RegExp(`^(?!.*zzz).*${name}`, 's'));
  }
  const base = 'https://resend.internal.example.com';
  expect(readSettings({ ...resendOnly, RESEND_API_BASE: base }).RESEND_API_BASE).toBe(base);
});
