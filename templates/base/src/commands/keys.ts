// npm run keys -- init: makes the keyring that signs access tokens, where there is none.
import { createKeyringFile } from '#app/domains/auth/keyring.ts';
import { authSettings } from '#app/domains/auth/settings.ts';
import { CommandError, runCommand } from './run.ts';

await runCommand(authSettings, async ({ JWT_KEYS_FILE: path }) => {
  const [command] = process.argv.slice(2);
  if (command !== 'init') {
    throw new CommandError(
      'Usage: npm run keys -- init\n\nMakes the keyring at JWT_KEYS_FILE, readable by you alone. Keep a backup: without it everybody has to sign in again.',
    );
  }
  const made = await createKeyringFile(path);
  console.log(made ? `Made ${path}.` : `${path} is there already; nothing was changed.`);
});
