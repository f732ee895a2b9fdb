// npm run keys -- init: makes the secrets that the service keeps in files, where there are none.
import { createKeyringFile } from '#app/domains/auth/keyring.ts';
import { authSettings } from '#app/domains/auth/settings.ts';
import { createSealingKeyFile, sealingSettings } from '#app/platform/sealing.ts';
import { CommandError, runCommand } from './run.ts';

const usage = `Usage: npm run keys -- init

Makes what is missing, readable by you alone:
  JWT_KEYS_FILE     the keyring that signs access tokens; without it everybody has to sign in again
  SEALING_KEY_FILE  the key that seals secrets in the database; without it they are lost. It is not
                    made where KEYRING_SECRET is set, which stands in its place
Keep a backup of both.`;

await runCommand({ ...authSettings, ...sealingSettings }, async (settings) => {
  const [command] = process.argv.slice(2);
  if (command !== 'init') throw new CommandError(usage);

  await make(createKeyringFile, settings.JWT_KEYS_FILE);
  if (settings.KEYRING_SECRET === undefined) {
    await make(createSealingKeyFile, settings.SEALING_KEY_FILE);
  }
});

async function make(create: (path: string) => Promise<boolean>, path: string): Promise<void> {
  const made = await create(path);
  console.log(made ? `Made ${path}.` : `${path} is there already; nothing was changed.`);
}
