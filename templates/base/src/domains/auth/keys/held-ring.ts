import type { webcrypto } from 'node:crypto';
import type { Log } from '#app/log.ts';
import { acceptedKids, isRetired, type Ring } from './ring.ts';
import type { KeyStore, StoredRing } from './store.ts';

export interface SigningKey {
  /** Names the key in a token's header; says nothing about its secret. */
  readonly kid: string;
  readonly key: webcrypto.CryptoKey;
}

/** The last ring that could be used, ready to sign and verify with. */
export interface HeldRing {
  readonly primary: SigningKey;
  /** The key of that name, whichever slot it is in. Another key is never tried in its place. */
  byKid(kid: string): webcrypto.CryptoKey | undefined;
  /** Names of the keys that `byKid` finds. */
  accepts(): string[];
  /** Why this may not be the stored ring; nothing where all is well. */
  readonly problem: string | undefined;
  /** Takes over the stored ring, where it was replaced and can be used. Does not fail. */
  look(): Promise<void>;
}

/**
 * Takes over a stored ring. One that cannot be used later is not taken over: all instances refusing
 * every token at once would be an outage.
 *
 * @throws KeyringError where there is no ring, or it cannot be used
 */
export async function holdRing({ store, log }: { store: KeyStore; log: Log }): Promise<HeldRing> {
  let held = await importRing(await store.read());
  let problem: string | undefined;
  const accepts = (): string[] => acceptedKids(held.ring, new Date());

  async function takeOver(found: StoredRing): Promise<void> {
    if (found.revision === held.revision) return;
    held = await importRing(found);
    log.info({ signs: held.primary.kid, accepts: accepts() }, 'keyring replaced');
  }

  return {
    get primary() {
      return held.primary;
    },
    byKid: (kid) => (isOver(held.ring, kid) ? undefined : held.keys.get(kid)),
    accepts,
    get problem() {
      return problem;
    },
    async look() {
      try {
        await takeOver(await store.read());
        if (problem !== undefined) log.info('the stored keyring can be used again');
        problem = undefined;
      } catch (error) {
        if (problem === undefined) log.error({ err: error }, 'the stored keyring cannot be used');
        problem = 'The stored keyring cannot be used; the one before it still is.';
      }
    },
  };
}

async function importRing({ ring, revision }: StoredRing) {
  const { next, primary, fallback } = ring;
  const keys = new Map<string, webcrypto.CryptoKey>();
  for (const key of [next, fallback]) {
    if (key !== null) keys.set(key.kid, await importKey(key.secret));
  }
  const signing = { kid: primary.kid, key: await importKey(primary.secret) };
  return { ring, revision, primary: signing, keys: keys.set(signing.kid, signing.key) };
}

function isOver({ primary, fallback }: Ring, kid: string): boolean {
  return fallback?.kid === kid && kid !== primary.kid && isRetired(fallback, new Date());
}

function importKey(secret: Buffer): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']);
}
