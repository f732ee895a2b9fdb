// The database as commands open it.
import { openDatabase, type Database } from '#app/database/database.ts';
import { databaseSettings, type DatabaseSettings } from '#app/database/settings.ts';
import { createLog } from '#app/log.ts';
import {
  openSealingWhereUsed,
  sealingSettings,
  type Sealing,
  type SealingSettings,
} from '#app/platform/sealing.ts';

export const databaseCommandSettings = { ...databaseSettings, ...sealingSettings };

/**
 * Opens the database for some work, and closes it. Where the sealing key cannot be had, what only
 * reads works all the same; what is recorded in the audit log fails, and says why.
 */
export async function withDatabase<T>(
  settings: DatabaseSettings & SealingSettings,
  work: (database: Database, sealing: Sealing) => Promise<T>,
): Promise<T> {
  const sealing = await openCommandSealing(settings);
  const database = await openCommandDatabase(settings, sealing);
  try {
    return await work(database, sealing);
  } finally {
    await database.close();
  }
}

/**
 * Commands may run elsewhere than the service, such as where it is developed: with the sealing key
 * from there, an entry of the audit log would be one that was forged.
 */
export function openCommandDatabase(
  settings: DatabaseSettings,
  sealing: Sealing,
): Promise<Database> {
  return openDatabase({ settings, sealing, checksKey: true });
}

/** Makes a missing key in development alone, as the service does. */
export function openCommandSealing(settings: SealingSettings): Promise<Sealing> {
  const { NODE_ENV = 'production' } = process.env;
  return openSealingWhereUsed({
    settings: { ...settings, NODE_ENV },
    log: createLog({ LOG_LEVEL: 'silent' }),
  });
}
