// The database servers that this machine has, wherever they were installed.
import { existsSync, globSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { packageEnvironment } from '../packages.ts';
import { run } from '../run.ts';

export interface Program {
  kind: 'MariaDB' | 'MySQL';
  /** What a person knows it by: kind, version and path. */
  label: string;
  server: string;
  /** MariaDB makes a new data folder with a program of its own. */
  installer?: string;
  /** Options that it needs because it does not lie where it was built for. */
  options: string[];
  env: NodeJS.ProcessEnv;
}

/** SKIP LOCKED, which queues in tables need, came with these. */
const oldest = { MariaDB: [10, 6], MySQL: [8, 4] } as const;

/**
 * Looks in PATH and in the places where packages, Homebrew and Windows installers put a server.
 *
 * @param pass is told of each server that cannot be used, and why
 */
export async function* findPrograms(pass: (reason: string) => void): AsyncGenerator<Program> {
  const seen = new Set<string>();
  for (const server of serverFiles()) {
    const file = realpathSync(server);
    if (seen.has(file)) continue;
    seen.add(file);
    try {
      yield await describe(server, [], process.env);
    } catch (error) {
      pass(`${server}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** A server out of unpacked packages. */
export function unpackedProgram(folder: string): Promise<Program> {
  const options = [
    `--basedir=${join(folder, 'usr')}`,
    `--lc-messages-dir=${join(folder, 'usr/share/mysql')}`,
    `--character-sets-dir=${join(folder, 'usr/share/mysql/charsets')}`,
    `--plugin-dir=${join(folder, 'usr/lib/mysql/plugin')}`,
  ];
  return describe(join(folder, 'usr/sbin/mariadbd'), options, packageEnvironment(folder));
}

/** Both servers refuse to run as root unless they are told to. */
export const asRoot: readonly string[] = process.getuid?.() === 0 ? ['--user=root'] : [];

function serverFiles(): string[] {
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
    ...(process.platform === 'win32' ? windowsFolders() : unixFolders()),
  ];
  const files = ['mariadbd', 'mysqld'].map((name) => `${name}${suffix}`);
  return folders.flatMap((folder) => files.map((file) => join(folder, file))).filter(existsSync);
}

function unixFolders(): string[] {
  return [
    '/usr/sbin',
    '/usr/bin',
    '/usr/libexec',
    '/usr/local/sbin',
    '/usr/local/bin',
    ...globSync([
      '/usr/local/{mariadb,mysql}*/bin',
      '/{opt/homebrew,usr/local,home/linuxbrew/.linuxbrew}/opt/{mariadb,mysql}*/bin',
    ]),
  ];
}

function windowsFolders(): string[] {
  const programs = process.env['ProgramFiles'] ?? 'C:\\Program Files';
  return globSync(['MariaDB */bin', 'MySQL/MySQL Server */bin'], { cwd: programs }).map((folder) =>
    join(programs, folder),
  );
}

async function describe(
  server: string,
  options: string[],
  env: NodeJS.ProcessEnv,
): Promise<Program> {
  const text = await run(server, ['--no-defaults', '--version'], { env });
  const [version = '', major = '', minor = ''] = /(\d+)\.(\d+)\.\d+/.exec(text) ?? [];
  const kind = text.includes('MariaDB') ? 'MariaDB' : 'MySQL';
  const [needMajor, needMinor] = oldest[kind];
  if (Number(major) * 1000 + Number(minor) < needMajor * 1000 + needMinor) {
    throw new Error(`${kind} ${version} is older than ${needMajor}.${needMinor}`);
  }
  const program = { kind, label: `${kind} ${version} (${server})`, server, options, env } as const;
  return kind === 'MySQL' ? program : { ...program, installer: installerOf(server) };
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
