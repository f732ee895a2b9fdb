import { createHmac } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, test } from 'vitest';
import { createKeyringFile, fileStore } from '#app/domains/auth/keys/file-store.ts';
import { holdRing } from '#app/domains/auth/keys/held-ring.ts';
import { temporaryFolder } from './support/folder.ts';

let path = '';

beforeEach(async () => {
  path = join(await temporaryFolder(), 'secrets', 'jwt-keys.json');
});

const open = () => holdRing({ store: fileStore(path), log: pino({ level: 'silent' }) });

test('a keyring is made once', async () => {
  expect(await createKeyringFile(path)).toBe(true);
  const made = await readFile(path, 'utf8');
  expect(await createKeyringFile(path)).toBe(false);
  expect(await readFile(path, 'utf8')).toBe(made);
});

test.skipIf(process.platform === 'win32')('a keyring is for its owner alone', async () => {
  await createKeyringFile(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('of twenty that make it at once, one does, and all use the same', async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => createKeyringFile(path)));
  expect(made.filter(Boolean)).toHaveLength(1);
  const rings = await Promise.all(Array.from({ length: 3 }, () => open()));
  expect(new Set(rings.map((ring) => ring.primary.kid)).size).toBe(1);
});

test('a missing keyring is an error that says how to make one', async () => {
  await expect(open()).rejects.toThrow('npm run keys -- init');
});

test.skipIf(process.platform === 'win32')('a keyring that others can read is refused', async () => {
  await createKeyringFile(path);
  await chmod(path, 0o640);
  await expect(open()).rejects.toThrow('chmod 600');
});

const key = (secret: string) => ({ secret, createdAt: new Date().toISOString() });
const ring = (secret: string) => ({
  version: 1,
  next: null,
  primary: key(secret),
  fallback: null,
});
const typed = [
  'change-me-change-me-change-me-change-me-change-me-01',
  'your-secret-key-goes-here-replace-before-production',
  'secret-secret-secret-secret-secret-secret-secret',
  'aaaabbbbccccddddeeeeffffgggghhhhiiiijjjjkkkkllll',
  'AAAAbbbbCCCCddddEEEEffffGGGGhhhhIIIIjjjjKKKKllll',
  'the-quick-brown-fox-jumps-over-the-lazy-dog-0123',
  'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV',
];
const bytes = (count: number) => Buffer.from(Array.from({ length: count }, (_, i) => i * 7));

test.for([
  ['31 bytes', JSON.stringify(ring(bytes(31).toString('base64url'))), 'too weak'],
  ['a placeholder', JSON.stringify(ring(Buffer.alloc(40, 'x').toString('base64url'))), 'too weak'],
  ...typed.map((text) => [text, JSON.stringify(ring(text)), 'too weak'] as const),
  ['no primary key', JSON.stringify({ ...ring('eA'), primary: null }), 'damaged at primary'],
  ['not JSON', '{"version":1,"primary":{"secret":"c2VjcmV0', 'is not JSON'],
] as const)('J8: a keyring with %s is refused, and not quoted', async ([, content, message]) => {
  await createKeyringFile(path);
  await writeFile(path, content);
  const error = await open().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Error);
  expect(String(error)).toContain(message);
  expect(String(error)).not.toContain('c2VjcmV0');
});

const kidOf = (secret: string) =>
  createHmac('sha256', Buffer.from(secret, 'base64url')).update('kid').digest('hex').slice(0, 16);

test('every slot is accepted, by its own name and no other', async () => {
  await createKeyringFile(path);
  const secrets = [32, 33, 34].map((count) => bytes(count).toString('base64url'));
  const [next = '', primary = '', fallback = ''] = secrets;
  await writeFile(
    path,
    JSON.stringify({ version: 1, next: key(next), primary: key(primary), fallback: key(fallback) }),
    { mode: 0o600 },
  );
  const opened = await open();

  expect(opened.primary.kid).toBe(kidOf(primary));
  expect(new Set(secrets.map((secret) => opened.byKid(kidOf(secret)))).size).toBe(3);
  for (const secret of secrets) expect(opened.byKid(kidOf(secret))).toBeDefined();
  expect(opened.byKid('')).toBeUndefined();
  expect(opened.byKid('__proto__')).toBeUndefined();
});
