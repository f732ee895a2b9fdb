import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SettingsError } from '#app/environment.ts';
import { readSettings } from '#app/settings.ts';
import { production } from './support/production.ts';

const complete = { ...production, DATABASE_URL: 'mysql://app:secret@127.0.0.1:3306/app' };

test('what is not set has a safe default', () => {
  expect(readSettings(complete)).toMatchObject({
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: 3000,
    LOG_LEVEL: 'info',
    CORS_ORIGINS: [],
    TRUST_PROXY_HOPS: 0,
  });
});

test('every problem is listed at once, and no value is repeated', () => {
  const faults = {
    NODE_ENV: 'prod-zzz',
    PORT: '70000',
    APP_ORIGIN: 'https://app.example.com/path-zzz',
    LOG_LEVEL: 'loud-zzz',
    DATABASE_URL: 'postgres://zzz',
    CORS_ORIGINS: 'https://ok.example.com, *',
    SMTP_URL: 'https://zzz@mail.example.com',
    MAIL_FROM: 'zzz',
  };
  const error = thrownBy(() => readSettings(faults));
  for (const variable of Object.keys(faults)) expect(error.message).toContain(variable);
  expect(error.message).not.toContain('zzz');
});

test('a variable that is set but empty counts as not set', () => {
  const error = thrownBy(() => readSettings({ ...complete, DATABASE_URL: '', PORT: ' ' }));
  expect(error.message).toContain('DATABASE_URL: is not set');
  expect(error.message).not.toContain('PORT');
});

test('a credential of systemd stands in for a variable that is not set', () => {
  const { DATABASE_URL, SMTP_URL, ...others } = complete;
  const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
  writeFileSync(join(folder, 'DATABASE_URL'), `${DATABASE_URL}\n`);
  writeFileSync(join(folder, 'SMTP_URL'), 'smtp://other.example.com');
  const settings = readSettings({ ...others, SMTP_URL, CREDENTIALS_DIRECTORY: folder });
  expect(settings).toMatchObject({ DATABASE_URL, SMTP_URL });
});

test('production does not start without what only it needs, and everything else does', () => {
  const { DATABASE_URL, APP_ORIGIN, ...onlyThere } = complete;
  const always = { DATABASE_URL, APP_ORIGIN };
  for (const NODE_ENV of ['production', undefined]) {
    const error = thrownBy(() => readSettings({ ...always, NODE_ENV, PORT: 'x' }));
    for (const variable of Object.keys(onlyThere)) {
      expect(error.message).toContain(`${variable}: is not set`);
    }
    expect(error.message).toContain('PORT: ');
  }
  for (const NODE_ENV of ['development', 'test']) {
    const settings = readSettings({ ...always, NODE_ENV });
    for (const variable of Object.keys(onlyThere)) expect(settings).not.toHaveProperty(variable);
  }
});

test.for([
  'no-reply@example.com\r\nBcc: all@example.com',
  'A\nBcc: b <a@example.com>',
  'a@example.com, b@example.com',
])('a sender such as %j is refused', (MAIL_FROM) => {
  expect(thrownBy(() => readSettings({ ...complete, MAIL_FROM })).message).toContain('MAIL_FROM');
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('It did not throw');
}
