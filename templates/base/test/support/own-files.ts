import { join } from 'node:path';
import { createKeyringFile } from '#app/domains/auth/keys/file-store.ts';
import { createSealingKeyFile } from '#app/platform/sealing.ts';
import { temporaryFolder } from './folder.ts';

/** Keys and mails of its own for each service. */
export async function ownFiles(): Promise<Record<string, string>> {
  const folder = await temporaryFolder();
  const keys = join(folder, 'jwt-keys.json');
  const sealingKey = join(folder, 'sealing-key');
  await createKeyringFile(keys);
  await createSealingKeyFile(sealingKey);
  return { JWT_KEYS_FILE: keys, SEALING_KEY_FILE: sealingKey, MAIL_FOLDER: join(folder, 'mail') };
}
