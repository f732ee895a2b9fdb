// Secrets that the database keeps are sealed: a stolen database or backup does not tell them.
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
} from 'node:crypto';
import { z } from 'zod';
import type { Log } from '#app/log.ts';
import { createPrivateFile, PrivateFileError, readPrivateFile } from './private-file.ts';
import { isStrong, secretBytes } from './strong-secret.ts';

const nonceBytes = 12;
const tagBytes = 16;

const howToMake = `Make one: node -p "crypto.randomBytes(${secretBytes}).toString('base64url')"`;

export const sealingSettings = {
  /** What seals, the same for all hosts of a service; where it is not set, the key file does. */
  KEYRING_SECRET: z
    .string()
    .refine(isStrong, `Must be ${secretBytes} random bytes in base64url. ${howToMake}`)
    .optional(),
  /** The file with the secret of a service on one host. */
  SEALING_KEY_FILE: z.string().min(1).default('secrets/sealing-key'),
};

export type SealingSettings = z.infer<z.ZodObject<typeof sealingSettings>>;

export interface Sealing {
  /**
   * Encrypts a text so that nobody can read or change it, or put it in another's place.
   *
   * @param purpose what it is for; it opens for the same purpose alone
   */
  seal(purpose: string, text: string): Buffer;
  /** @throws SealingError for anything that was not sealed for this purpose, with this key */
  unseal(purpose: string, sealed: Uint8Array): string;
  /**
   * 32 bytes that are the same for the same text and purpose, and say nothing about the text to who
   * has only the database: not even by trying, where there are few texts that it could be.
   */
  fingerprint(purpose: string, text: string): Buffer;
  /**
   * 32 bytes that nobody without the secret can make for this purpose, so that who has only the
   * database cannot put other bytes in the place of these.
   */
  authenticate(purpose: string, bytes: Uint8Array): Buffer;
  close(): Promise<void>;
}

/** Sealing does not work. The message says why and what to do, and holds no secret. */
export class SealingError extends Error {
  override readonly name = 'SealingError';
}

/**
 * Opens what seals: AES-256-GCM with a random nonce (NIST SP 800-38D, section 8.2.2). In development
 * a missing key is made; elsewhere that is an error, since what was sealed needs the old one.
 */
export async function openSealing(deps: {
  settings: SealingSettings & { NODE_ENV: string };
  log: Log;
}): Promise<Sealing> {
  const { KEYRING_SECRET: secret, SEALING_KEY_FILE: path, NODE_ENV } = deps.settings;
  if (secret !== undefined) return sealingWith(secret);
  if (NODE_ENV === 'development' && (await createSealingKeyFile(path))) {
    deps.log.info({ path }, 'made a sealing key for development');
  }
  return sealingWith(await readKeyFile(path));
}

/**
 * Opens it for a command, most of which need it for some of what they do: where it cannot be opened,
 * what needs it fails, and says why.
 */
export async function openSealingWhereUsed(
  deps: Parameters<typeof openSealing>[0],
): Promise<Sealing> {
  try {
    return await openSealing(deps);
  } catch (error) {
    if (!(error instanceof SealingError || error instanceof PrivateFileError)) throw error;
    // Another key than the service's would be taken for a forger's.
    const message = `This takes the service's own sealing key. ${error.message}`;
    const fail = (): never => {
      throw new SealingError(message, { cause: error });
    };
    return {
      seal: fail,
      unseal: fail,
      fingerprint: fail,
      authenticate: fail,
      close: async () => {},
    };
  }
}

/**
 * Makes the key file, readable by its owner alone.
 *
 * @returns false where there is one already; it is left as it is
 */
export function createSealingKeyFile(path: string): Promise<boolean> {
  return createPrivateFile(path, `${randomBytes(secretBytes).toString('base64url')}\n`);
}

async function readKeyFile(path: string): Promise<string> {
  const text = await readPrivateFile(path);
  if (text === undefined) {
    throw new SealingError(
      `There is no sealing key at ${path}. Restore it from a backup, or make one: npm run keys -- init`,
    );
  }
  if (!isStrong(text.trim())) {
    throw new SealingError(
      `The sealing key ${path} is damaged or too weak: it takes ${secretBytes} random bytes. Restore it from a backup.`,
    );
  }
  return text.trim();
}

/** The file and the variable hold the same: a secret can move from one to the other. */
function sealingWith(secret: string): Sealing {
  const raw = Buffer.from(secret, 'base64url');
  // Bytes in place of these objects would make each use take four times as long.
  const keyFor = (use: string) =>
    createSecretKey(Buffer.from(hkdfSync('sha256', raw, '', use, 32)));
  const key = keyFor('sealing');
  const fingerprintKey = keyFor('fingerprints');
  const authenticationKey = keyFor('authentication');

  return {
    seal(purpose, text) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose));
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },

    unseal(purpose, sealed) {
      const nonce = sealed.subarray(0, nonceBytes);
      const tag = sealed.subarray(nonceBytes, nonceBytes + tagBytes);
      try {
        const options = { authTagLength: tagBytes };
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, options)
          .setAAD(Buffer.from(purpose))
          .setAuthTag(tag);
        const text = [decipher.update(sealed.subarray(nonceBytes + tagBytes)), decipher.final()];
        return Buffer.concat(text).toString('utf8');
      } catch (error) {
        throw new SealingError(
          `What was sealed for “${purpose}” does not open: it was changed, or sealed with another key.`,
          { cause: error },
        );
      }
    },

    fingerprint: (purpose, text) =>
      createHmac('sha256', fingerprintKey).update(`${purpose}\0${text}`).digest(),

    authenticate: (purpose, bytes) =>
      createHmac('sha256', authenticationKey).update(`${purpose}\0`).update(bytes).digest(),

    close: async () => {},
  };
}
