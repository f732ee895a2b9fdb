// The keys that sign and verify access tokens, as this process has them. It looks at the stored ring
// every few seconds and on SIGHUP, and tells which keys it accepts and signs with.
import type { webcrypto } from 'node:crypto';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { openHeartbeat } from './keys/heartbeat.ts';
import { acceptedKids, isRetired, newRing, type Ring } from './keys/ring.ts';
import { openStore, type StoreSettings } from './keys/open-store.ts';
import type { KeyStore, StoredRing } from './keys/store.ts';
import type { AuthSettings } from './settings.ts';

/** Milliseconds after which a ring that was replaced is noticed, without a SIGHUP. */
const pause = 5000;

export interface SigningKey {
  /** Names the key in a token's header; says nothing about its secret. */
  readonly kid: string;
  readonly key: webcrypto.CryptoKey;
}

export interface Keyring {
  readonly primary: SigningKey;
  /** The key of that name, whichever slot it is in. Another key is never tried in its place. */
  byKid(kid: string): webcrypto.CryptoKey | undefined;
  /** Why the ring in use may not be the stored one; nothing where all is well. */
  readonly problem: string | undefined;
  close(): Promise<void>;
}

/**
 * Opens the keyring. In development a missing one is made; elsewhere that is an error, since a new
 * key would silently log everybody out.
 *
 * A ring that cannot be used later, when this process runs, is not taken over: to refuse every token
 * on every instance at once would be an outage.
 *
 * @throws KeyringError where there is none, or it cannot be used
 */
export async function openKeyring(deps: {
  settings: AuthSettings & StoreSettings & { NODE_ENV: string };
  log: Log;
  database: Database;
  sealing: Sealing;
}): Promise<Keyring> {
  const { settings, log, database } = deps;
  const store = openStore(deps);
  if (settings.NODE_ENV === 'development' && (await store.create(newRing(new Date())))) {
    log.info({ place: store.place }, 'made a keyring for development');
  }
  const held = await hold(store, log);
  const heartbeat = openHeartbeat({ database, log, name: settings.INSTANCE_ID });
  const tell = () =>
    heartbeat.beat({ accepts: acceptedKids(held.ring(), new Date()), signs: held.primary().kid });

  const update = async (): Promise<void> => {
    await held.look();
    await tell();
  };

  // Told before it is looked at once more: whoever replaces the ring meanwhile either sees this
  // process and waits for it, or has replaced the ring before this look.
  await tell();
  await update();
  const loop = startLoop({ name: 'keyring', pause, log }, update);
  process.on('SIGHUP', loop.wake);

  return {
    get primary() {
      return held.primary();
    },
    byKid: held.byKid,
    get problem() {
      return held.problem();
    },
    async close() {
      process.off('SIGHUP', loop.wake);
      await loop.close();
      await heartbeat.close();
    },
  };
}

/** Holds the last ring that could be used. */
async function hold(store: KeyStore, log: Log) {
  let stored = await store.read();
  let keys = await importKeys(stored.ring);
  let problem: string | undefined;

  const takeOver = async (found: StoredRing): Promise<void> => {
    keys = await importKeys(found.ring);
    stored = found;
    log.info({ accepts: [...keys.accepted.keys()], signs: keys.primary.kid }, 'keyring replaced');
  };

  return {
    ring: (): Ring => stored.ring,
    primary: () => keys.primary,
    byKid: (kid: string) => (isOver(stored.ring, kid) ? undefined : keys.accepted.get(kid)),
    problem: () => problem,

    /** Takes the stored ring over where it was replaced and can be used. */
    async look() {
      try {
        const found = await store.read();
        if (found.revision !== stored.revision) await takeOver(found);
        if (problem !== undefined) log.info('the stored keyring can be used again');
        problem = undefined;
      } catch (error) {
        if (problem === undefined) log.error({ err: error }, 'the stored keyring cannot be used');
        problem = 'The stored keyring cannot be used; the one before it still is.';
      }
    },
  };
}

function isOver({ primary, fallback }: Ring, kid: string): boolean {
  return fallback?.kid === kid && kid !== primary.kid && isRetired(fallback, new Date());
}

async function importKeys({ next, primary, fallback }: Ring) {
  const held = [primary, next, fallback].filter((key) => key !== null);
  const imported = await Promise.all(
    held.map(async ({ kid, secret }) => [kid, await importKey(secret)] as const),
  );
  return {
    primary: { kid: primary.kid, key: await importKey(primary.secret) },
    accepted: new Map(imported),
  };
}

function importKey(secret: Buffer): Promise<webcrypto.CryptoKey> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  return crypto.subtle.importKey('raw', secret, algorithm, false, ['sign', 'verify']);
}
