// The keys that sign and verify access tokens, in one file that only the service can read.
//
// It has three slots, so that a key can be replaced while several processes run: `next` is accepted
// before anybody signs with it, `primary` signs, and `fallback` is accepted until the last token
// that it signed has expired.
import { createHmac, randomBytes, type webcrypto } from 'node:crypto';
import { z } from 'zod';
import type { Log } from '#app/log.ts';
import { createPrivateFile, readPrivateFile } from '#app/platform/private-file.ts';
import type { AuthSettings } from './settings.ts';

/** RFC 7518, section 3.2: a key for HS256 has at least as many bits as the hash. */
const secretBytes = 32;

const Key = z.strictObject({ secret: z.base64url(), createdAt: z.iso.datetime() });

const KeyringFile = z.strictObject({
  version: z.literal(1),
  next: Key.nullable(),
  primary: Key,
  fallback: Key.nullable(),
});

export interface SigningKey {
  /** Names the key in a token's header; says nothing about its secret. */
  readonly kid: string;
  readonly key: webcrypto.CryptoKey;
}

export interface Keyring {
  readonly primary: SigningKey;
  /** The key of that name, whichever slot it is in. Another key is never tried in its place. */
  byKid(kid: string): webcrypto.CryptoKey | undefined;
  close(): Promise<void>;
}

/** The keyring cannot be used. The message says why and what to do, and holds no secret. */
export class KeyringError extends Error {
  override readonly name = 'KeyringError';
}

/**
 * Opens the keyring. In development a missing one is made; elsewhere that is an error, since a new
 * key would silently log everybody out.
 */
export async function openKeyring(deps: {
  settings: AuthSettings & { NODE_ENV: string };
  log: Log;
}): Promise<Keyring> {
  const path = deps.settings.JWT_KEYS_FILE;
  if (deps.settings.NODE_ENV === 'development' && (await createKeyringFile(path))) {
    deps.log.info({ path }, 'made a keyring for development');
  }
  return readKeyring(path);
}

/**
 * Makes a keyring file with one fresh key, readable by its owner alone.
 *
 * @returns false where there is one already; it is left as it is
 */
export async function createKeyringFile(path: string): Promise<boolean> {
  const primary = {
    secret: randomBytes(secretBytes).toString('base64url'),
    createdAt: new Date().toISOString(),
  };
  const content = { version: 1, next: null, primary, fallback: null };
  return createPrivateFile(path, `${JSON.stringify(content, null, 2)}\n`);
}

async function readKeyring(path: string): Promise<Keyring> {
  const slots = parseKeyring(path, await readFileOf(path));
  const primary = await importKey(path, 'primary', slots.primary.secret);
  const accepted = new Map<string, webcrypto.CryptoKey>([[primary.kid, primary.key]]);
  for (const slot of ['next', 'fallback'] as const) {
    const key = slots[slot];
    if (key === null) continue;
    const imported = await importKey(path, slot, key.secret);
    accepted.set(imported.kid, imported.key);
  }
  return { primary, byKid: (kid) => accepted.get(kid), close: async () => {} };
}

async function readFileOf(path: string): Promise<string> {
  const text = await readPrivateFile(path);
  if (text === undefined) {
    throw new KeyringError(`There is no keyring at ${path}. Make one: npm run keys -- init`);
  }
  return text;
}

function parseKeyring(path: string, text: string): z.infer<typeof KeyringFile> {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    // Not passed on as the cause: a JSON error quotes what it could not read.
    throw new KeyringError(`The keyring ${path} is not JSON. Restore it from a backup.`);
  }
  const result = KeyringFile.safeParse(content);
  if (result.success) return result.data;
  const places = result.error.issues.map((issue) => issue.path.join('.') || 'its top level');
  throw new KeyringError(`The keyring ${path} is damaged at ${places.join(', ')}.`);
}

async function importKey(path: string, slot: string, secret: string): Promise<SigningKey> {
  const raw = Buffer.from(secret, 'base64url');
  if (raw.length < secretBytes || new Set(raw).size < 8) {
    throw new KeyringError(
      `The ${slot} key of ${path} is too weak: it takes ${secretBytes} random bytes. Make a new keyring: move this one away and run npm run keys -- init`,
    );
  }
  const kid = createHmac('sha256', raw).update('kid').digest('hex').slice(0, 16);
  const key = await crypto.subtle.importKey('raw', raw, { name: 'HMAC', hash: 'SHA-256' }, false, [
    'sign',
    'verify',
  ]);
  return { kid, key };
}
