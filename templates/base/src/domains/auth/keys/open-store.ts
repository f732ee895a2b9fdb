import type { Database } from '#app/database/database.ts';
import type { Sealing, SealingSettings } from '#app/platform/sealing.ts';
import type { AuthSettings } from '../settings.ts';
import { databaseStore } from './database-store.ts';
import { fileStore } from './file-store.ts';
import { KeyringError } from './ring.ts';
import type { KeyStore } from './store.ts';

export type StoreSettings = Pick<AuthSettings, 'JWT_KEYS_FILE' | 'JWT_KEYS_STORE'> &
  Pick<SealingSettings, 'KEYRING_SECRET'>;

/**
 * The store that the settings name.
 *
 * @throws KeyringError where it needs what is not set
 */
export function openStore(deps: {
  settings: StoreSettings;
  database: Database | undefined;
  sealing: Sealing | undefined;
}): KeyStore {
  const { settings, database, sealing } = deps;
  if (settings.JWT_KEYS_STORE === 'file') return fileStore(settings.JWT_KEYS_FILE);
  if (database === undefined) {
    throw new KeyringError('JWT_KEYS_STORE=database needs DATABASE_URL, which is not set.');
  }
  if (settings.KEYRING_SECRET === undefined || sealing === undefined) {
    throw new KeyringError(
      'JWT_KEYS_STORE=database needs KEYRING_SECRET, the same on every host: .env.example says how to make it.',
    );
  }
  return databaseStore({ database, sealing });
}
