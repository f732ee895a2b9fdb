import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { readEnvironment } from '#app/environment.ts';
import {
  createSealingKeyFile,
  openSealing,
  SealingError,
  sealingSettings,
} from '#app/platform/sealing.ts';
import { isStrong } from '#app/platform/strong-secret.ts';
import { temporaryFolder } from './support/folder.ts';

let path = '';

beforeEach(async () => {
  path = join(await temporaryFolder(), 'secrets', 'sealing-key');
});

const newSecret = () => randomBytes(32).toString('base64url');

const open = async (env: NodeJS.ProcessEnv = {}) =>
  openSealing({
    settings: {
      NODE_ENV: env['NODE_ENV'] ?? 'production',
      ...readEnvironment(sealingSettings, { SEALING_KEY_FILE: path, ...env }),
    },
    log: pino({ level: 'silent' }),
  });

test('what was sealed opens, and says nothing before', async () => {
  const sealing = await open({ KEYRING_SECRET: newSecret() });
  const sealed = sealing.seal('mail', 'Grüße');
  expect(sealing.unseal('mail', sealed)).toBe('Grüße');
  expect(sealed.includes('Grüße')).toBe(false);
  expect(sealing.seal('mail', 'Grüße').equals(sealed)).toBe(false);
  expect(sealing.unseal('mail', sealing.seal('mail', ''))).toBe('');
});

test('changed in any byte, or cut short, it does not open', async () => {
  const sealing = await open({ KEYRING_SECRET: newSecret() });
  const sealed = sealing.seal('mail', 'text');
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed.writeUInt8(sealed.readUInt8(index) ^ 1, index);
    expect(() => sealing.unseal('mail', changed)).toThrow(SealingError);
    expect(() => sealing.unseal('mail', sealed.subarray(0, index))).toThrow(SealingError);
  }
});

test('it opens for its own purpose alone, and with its own key', async () => {
  const sealing = await open({ KEYRING_SECRET: newSecret() });
  const other = await open({ KEYRING_SECRET: newSecret() });
  const sealed = sealing.seal('mail', 'text');
  expect(() => sealing.unseal('totp', sealed)).toThrow(SealingError);
  expect(() => other.unseal('mail', sealed)).toThrow(SealingError);
});

test('a fingerprint is the same for the same text, purpose and key, and for nothing else', async () => {
  const secret = newSecret();
  const sealing = await open({ KEYRING_SECRET: secret });
  const again = await open({ KEYRING_SECRET: secret });
  const other = await open({ KEYRING_SECRET: newSecret() });
  const hex = (each: typeof sealing, purpose: string, text: string) =>
    each.fingerprint(purpose, text).toString('hex');
  expect(hex(again, 'code', 'a')).toBe(hex(sealing, 'code', 'a'));
  expect(hex(sealing, 'code', 'b')).not.toBe(hex(sealing, 'code', 'a'));
  expect(hex(sealing, 'mail', 'a')).not.toBe(hex(sealing, 'code', 'a'));
  expect(hex(other, 'code', 'a')).not.toBe(hex(sealing, 'code', 'a'));
});

test('bytes are authenticated for a purpose, with a key of its own', async () => {
  const secret = newSecret();
  const [sealing, again] = [
    await open({ KEYRING_SECRET: secret }),
    await open({ KEYRING_SECRET: secret }),
  ];
  const other = await open({ KEYRING_SECRET: newSecret() });
  const bytes = Buffer.from('text');
  const code = sealing.authenticate('log', bytes);
  expect(code).toHaveLength(32);
  expect(again.authenticate('log', bytes).equals(code)).toBe(true);
  expect(other.authenticate('log', bytes).equals(code)).toBe(false);
  expect(sealing.authenticate('log', Buffer.from('texts')).equals(code)).toBe(false);
  expect(sealing.authenticate('logs', bytes).equals(code)).toBe(false);
  expect(sealing.fingerprint('log', 'text').equals(code)).toBe(false);
});

test('a missing key is made in development, once, and an error elsewhere', async () => {
  await expect(open()).rejects.toThrow('npm run keys -- init');
  const sealing = await open({ NODE_ENV: 'development' });
  expect(await createSealingKeyFile(path)).toBe(false);
  expect((await open()).unseal('mail', sealing.seal('mail', 'text'))).toBe('text');
});

test.skipIf(process.platform === 'win32')('a key file is for its owner alone', async () => {
  await createSealingKeyFile(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('a key that moves from its file into the environment opens the same', async () => {
  await createSealingKeyFile(path);
  const sealed = (await open()).seal('mail', 'text');
  const moved = await open({ KEYRING_SECRET: (await readFile(path, 'utf8')).trim() });
  expect(moved.unseal('mail', sealed)).toBe('text');
});

test('what a machine drew is taken, in hexadecimal too', () => {
  const drawn = Array.from({ length: 1000 }, () => randomBytes(32));
  expect(drawn.filter((raw) => !isStrong(raw.toString('base64url')))).toEqual([]);
  expect(drawn.filter((raw) => !isStrong(raw.toString('hex')))).toEqual([]);
});

const weak = [
  ['31 bytes', randomBytes(31).toString('base64url')],
  ['one byte over and over', Buffer.alloc(40, 'x').toString('base64url')],
  ['a placeholder', `change-me-${newSecret()}`],
  ['a phrase', 'the-quick-brown-fox-jumps-over-the-lazy-dog-0123'],
  ['a row', 'AAAAbbbbCCCCddddEEEEffffGGGGhhhhIIIIjjjjKKKKllll'],
  ['other characters', `${newSecret()}!`],
] as const;

test.for(weak)('a secret of %s is refused, and not quoted', async ([, secret]) => {
  const error = await messageOf(open({ KEYRING_SECRET: secret }));
  expect(error).toContain('KEYRING_SECRET: Must be 32 random bytes');
  expect(error).not.toContain(secret);
});

test.for(weak)('a key file of %s is refused, and not quoted', async ([, secret]) => {
  await createSealingKeyFile(path);
  await writeFile(path, secret);
  const error = await messageOf(open());
  expect(error).toContain(`The sealing key ${path} is damaged or too weak`);
  expect(error).not.toContain(secret);
});

async function messageOf(opening: Promise<unknown>): Promise<string> {
  const thrown: unknown = await opening.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof Error)) throw new Error('It did not throw');
  return thrown.message;
}
