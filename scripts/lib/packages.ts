// Programs of Debian and Ubuntu that tests use, unpacked under `.cache/`: nothing is installed.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { fetchPackages } from '../../templates/base/dev/local/packages.ts';
import { whileLocked } from './lock.js';
import { root } from './root.ts';

/**
 * A folder with the files of packages, as if it were `/`; fetched once.
 *
 * @param names the packages; what they need comes along
 */
export async function packages(...names: string[]): Promise<string> {
  const folder = join(root, '.cache', 'packages', names.join('+'));
  mkdirSync(join(root, '.cache', 'packages'), { recursive: true });
  await whileLocked(folder, async () => {
    if (!existsSync(folder)) await fetchPackages(folder, [names], undefined);
  });
  return folder;
}
