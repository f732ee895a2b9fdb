import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Instance, Program, ServerKind } from '../kind.ts';
import {
  accountStatements,
  askToEnd,
  databaseUrl,
  lockStatements,
  refusalOf,
} from './connection.ts';
import { asRoot, makeData } from './data.ts';

/** The database. Its URL logs in as `app`, who may create schemas, into the database `app`. */
export const database: ServerKind = {
  name: 'database',
  module: import.meta.url,
  noun: 'database server',
  variables: ['DATABASE_URL', 'MIGRATION_DATABASE_URL'],
  install: {
    darwin: 'brew install mariadb',
    win32: 'winget install MariaDB.Server',
    apt: 'sudo apt-get install mariadb-server-core',
    other: 'sudo dnf install mariadb-server',
  },
  programs: {
    files: ['mariadbd', 'mysqld'],
    unixFolders: [
      '/usr/local/{mariadb,mysql}*/bin',
      '/{opt/homebrew,usr/local,home/linuxbrew/.linuxbrew}/opt/{mariadb,mysql}*/bin',
    ],
    windowsFolders: ['MariaDB */bin', 'MySQL/MySQL Server */bin'],
    version: ['--no-defaults', '--version'],
    makeOf: (said) => (said.includes('MariaDB') ? 'MariaDB' : 'MySQL'),
    // SKIP LOCKED, which queues in tables need, came with these.
    oldest: { MariaDB: [10, 6], MySQL: [8, 4] },
    installerOf: (make, server) => (make === 'MariaDB' ? installerOf(server) : undefined),
  },
  packages: {
    make: 'MariaDB',
    size: 'about 20 MB',
    // By the names of this release of the distribution, or of an older one.
    sets: [
      ['mariadb-server-core', 'mariadb-client-core'],
      ['mariadb-server-core-10.6', 'mariadb-client-core-10.6'],
    ],
    servers: ['usr/sbin/mariadbd'],
    options: (folder) => [
      `--basedir=${join(folder, 'usr')}`,
      `--lc-messages-dir=${join(folder, 'usr/share/mysql')}`,
      `--character-sets-dir=${join(folder, 'usr/share/mysql/charsets')}`,
      `--plugin-dir=${join(folder, 'usr/lib/mysql/plugin')}`,
    ],
  },
  image: {
    name: 'mariadb:10.11',
    size: 'about 120 MB',
    port: 3306,
    data: '/var/lib/mysql',
    command: [
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_ci',
      '--max-connections=300',
    ],
    // Only inside the container, where nobody comes who may not use this machine's Docker.
    variables: () => ({
      MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: '1',
      MARIADB_ROOT_HOST: 'localhost',
    }),
    enter: (record) => ({ program: 'mariadb', input: accountStatements(record, '%') }),
  },
  url: databaseUrl,
  refusal: refusalOf,
  askToEnd,
  prepare: (instance, program, signal) => {
    mkdirSync(join(instance.home, 'tmp'), { recursive: true });
    return makeData(instance, program, signal);
  },
  arguments: serverArguments,
  permit: (record) => accountStatements(record, '127.0.0.1') + lockStatements,
};

function serverArguments({ home, record }: Instance, program: Program, permit: string): string[] {
  return [
    '--no-defaults',
    ...asRoot,
    ...program.options,
    `--datadir=${join(home, 'data')}`,
    // Its own: a server that starts removes temporary tables of others that it finds in its folder.
    `--tmpdir=${join(home, 'tmp')}`,
    `--init-file=${join(home, permit)}`,
    `--port=${record.port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    // No socket: its path would be too long in a deep folder.
    ...(process.platform === 'win32' ? ['--console'] : ['--socket=']),
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    '--max-connections=300',
    '--innodb-buffer-pool-size=64M',
    // Fast, and still safe when the server is killed; only a crash of the machine may cost a second.
    '--innodb-flush-log-at-trx-commit=2',
    '--performance-schema=OFF',
    '--skip-log-bin',
    ...(program.make === 'MySQL' ? ['--mysqlx=OFF', '--secure-file-priv=NULL'] : []),
  ];
}

function installerOf(server: string): string {
  const names = ['mariadb-install-db', 'mysql_install_db', 'mariadb-install-db.exe'];
  for (const folder of [dirname(server), dirname(realpathSync(server))]) {
    for (const place of [folder, join(folder, '../bin'), join(folder, '../scripts')]) {
      const name = names.find((candidate) => existsSync(join(place, candidate)));
      if (name) return join(place, name);
    }
  }
  throw new Error('there is no mariadb-install-db beside it');
}
