// The programs that the backup of a server works with, where this machine has not all of them.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';

import { packageEnvironment } from '../../templates/base/dev/local/packages.ts';
import { packages } from './packages.ts';

const programs = {
  mariadb: 'bin/mariadb',
  'mariadb-dump': 'bin/mariadb-dump',
  'mariadb-binlog': 'bin/mariadb-binlog',
  'mariadb-install-db': 'bin/mariadb-install-db',
  mariadbd: 'sbin/mariadbd',
  age: 'bin/age',
  'age-keygen': 'bin/age-keygen',
  zstd: 'bin/zstd',
};

/**
 * Fetches them once as Debian's and Ubuntu's packages, which needs no root.
 *
 * @returns a PATH on which they are
 */
export async function pathWithBackupTools(): Promise<string> {
  const path = process.env['PATH'] ?? '';
  const isThere = (name: string): boolean =>
    path.split(delimiter).some((folder) => existsSync(join(folder, name)));
  if (Object.keys(programs).every(isThere)) return path;

  const folder = await packages('mariadb-server-core', 'mariadb-client', 'age', 'zstd');
  const wrappers = join(folder, 'wrappers');
  mkdirSync(wrappers, { recursive: true });
  const libraries = packageEnvironment(folder)['LD_LIBRARY_PATH'] ?? '';
  for (const [name, file] of Object.entries(programs)) {
    writeFileSync(join(wrappers, name), wrapper(folder, file, libraries), { mode: 0o755 });
  }
  return [wrappers, path].join(delimiter);
}

function wrapper(folder: string, file: string, libraries: string): string {
  const usr = join(folder, 'usr');
  const options = file.includes('mariadb')
    ? [`--character-sets-dir=${join(usr, 'share/mysql/charsets')}`]
    : [];
  if (file === 'sbin/mariadbd' || file === 'bin/mariadb-install-db') {
    options.push(`--basedir=${usr}`, `--lc-messages-dir=${join(usr, 'share/mysql')}`);
  }
  if (file === 'sbin/mariadbd') options.push(`--plugin-dir=${join(usr, 'lib/mysql/plugin')}`);
  // Options about defaults have to come first.
  return `#!/bin/sh
export LD_LIBRARY_PATH='${libraries}'
first=
case $1 in --no-defaults | --defaults-file=*) first=$1; shift ;; esac
exec '${join(usr, file)}' \${first:+"$first"} ${options.map((option) => `'${option}'`).join(' ')} "$@"
`;
}
