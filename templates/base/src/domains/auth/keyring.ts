// The keys that sign and verify access tokens, as this process has them. It looks at the stored ring
// every few seconds and on SIGHUP, and tells which keys it accepts and signs with.
import { setTimeout as wait } from 'node:timers/promises';
import type { Database } from '#app/database/database.ts';
import type { Log } from '#app/log.ts';
import { startLoop } from '#app/platform/loop.ts';
import type { Sealing } from '#app/platform/sealing.ts';
import { openHeartbeat } from './keys/heartbeat.ts';
import { holdRing, type HeldRing } from './keys/held-ring.ts';
import { openStore, type StoreSettings } from './keys/open-store.ts';
import { newRing } from './keys/ring.ts';
import type { AuthSettings } from './settings.ts';

/** Milliseconds for a look at the stored ring, after which the heartbeat does not wait for it. */
const patience = 2000;

export interface Keyring extends Pick<HeldRing, 'primary' | 'byKid' | 'problem'> {
  close(): Promise<void>;
}

/**
 * Opens the keyring. In development a missing one is made; elsewhere that is an error, since a new
 * key would silently log everybody out.
 *
 * @throws KeyringError where there is none, or it cannot be used
 */
export async function openKeyring(deps: {
  settings: StoreSettings & Pick<AuthSettings, 'INSTANCE_ID'> & { NODE_ENV: string };
  log: Log;
  database: Database;
  sealing: Sealing;
  /** Milliseconds after which a ring that was replaced is noticed, without a SIGHUP. */
  pause?: number;
}): Promise<Keyring> {
  const { settings, log, database, pause = 5000 } = deps;
  const store = openStore(deps);
  if (settings.NODE_ENV === 'development' && (await store.create(newRing(new Date())))) {
    log.info({ place: store.place }, 'made a keyring for development');
  }
  const ring = await holdRing({ store, log });
  const heartbeat = openHeartbeat({ database, log, name: settings.INSTANCE_ID });
  const tell = () => heartbeat.beat({ accepts: ring.accepts(), signs: ring.primary.kid });
  const update = async (): Promise<void> => {
    const looking = ring.look();
    // A rotation does not wait for an instance that is not heard.
    if (!(await endsInTime(looking))) await tell();
    await looking;
    await tell();
  };

  // Told before it is looked at once more: whoever replaces the ring meanwhile either sees this
  // process and waits for it, or has replaced the ring before this look.
  await tell();
  await update();
  const loop = startLoop({ name: 'keyring', pause, log }, update);
  const wake = (): void => loop.wake();
  process.on('SIGHUP', wake);

  return {
    get primary() {
      return ring.primary;
    },
    byKid: (kid) => ring.byKid(kid),
    get problem() {
      return ring.problem;
    },
    async close() {
      process.off('SIGHUP', wake);
      await loop.close();
      await heartbeat.close();
    },
  };
}

async function endsInTime(work: Promise<void>): Promise<boolean> {
  const timeout = new AbortController();
  try {
    const late = wait(patience, false, { signal: timeout.signal });
    return await Promise.race([work.then(() => true), late]);
  } finally {
    timeout.abort();
  }
}
