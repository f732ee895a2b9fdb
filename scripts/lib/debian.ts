import { chmodSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

import { whileLocked } from './lock.js';
import { packages } from './packages.ts';
import { root } from './root.ts';

/** Unpacks a fresh Debian 12 into a folder; made by debootstrap once. Needs root. */
export async function unpackDebian(folder: string): Promise<void> {
  const archive = join(root, '.cache', 'debian-12.tar');
  await whileLocked(archive, async () => {
    if (!existsSync(archive)) await makeArchive(archive);
  });
  await execa('tar', ['--extract', '--file', archive, '--directory', folder]);
}

async function makeArchive(archive: string): Promise<void> {
  const tools = await packages('debootstrap', 'debian-archive-keyring');
  const making = mkdtempSync(join(tmpdir(), 'debian-'));
  const script = join(tools, 'usr/sbin/debootstrap');
  const keyring = join(tools, 'usr/share/keyrings/debian-archive-keyring.gpg');
  const options = ['--variant=minbase', `--keyring=${keyring}`, 'bookworm', making];
  const env = { DEBOOTSTRAP_DIR: join(tools, 'usr/share/debootstrap') };
  await execa('sh', [script, ...options], { env });
  // It becomes the root, into which every user may look.
  chmodSync(making, 0o755);
  await execa('tar', ['--create', '--file', `${archive}.new`, '--directory', making, '.']);
  renameSync(`${archive}.new`, archive);
  rmSync(making, { recursive: true, force: true });
}
