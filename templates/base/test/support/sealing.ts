import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { openSealing } from '#app/platform/sealing.ts';

/** The settings of `testSealing`, for a command that opens its own. */
export const sealingSecrets = {
  KEYRING_SECRET: randomBytes(32).toString('base64url'),
  SEALING_KEY_FILE: 'none',
};

/** For what needs a sealing, and no certain one. */
export const testSealing = await openSealing({
  settings: { NODE_ENV: 'test', ...sealingSecrets },
  log: pino({ level: 'silent' }),
});
