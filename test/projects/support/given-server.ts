// A private server of the same program as the one that the tests were given, which is never killed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { query } from '../../../scripts/lib/database.ts';

/** A folder with the program in it; or why it cannot be had; nothing where the default will do. */
export type GivenProgram = { readonly folder: string } | { readonly missing: string } | undefined;

/**
 * Makes a folder with a `mysqld` in it that is the program of a server: for PATH, where the private
 * database of a project looks for one. It cannot be had where the server runs in a container or on
 * another machine. By default a private database is MariaDB.
 */
export async function programOf(serverUrl: string, folder: string): Promise<GivenProgram> {
  const [server] = await query(
    serverUrl,
    `SELECT @@version AS version, @@pid_file AS pidFile, @@basedir AS base, @@plugin_dir AS plugins,
       @@lc_messages_dir AS messages, @@character_sets_dir AS charsets`,
  );
  const { version, pidFile, base, plugins, messages, charsets } = server as Record<string, string>;
  if (version?.includes('MariaDB') === true) return undefined;

  const { hostname } = new URL(serverUrl);
  const isHere = ['127.0.0.1', 'localhost', '[::1]'].includes(hostname);
  const command = isHere ? commandOf(String(pidFile)) : undefined;
  if (command === undefined) {
    const missing = `The given server is MySQL ${version}, and its program is not to be found on this machine: no server of one's own can be killed.`;
    return { missing };
  }
  const options = [
    `--basedir=${base}`,
    `--plugin-dir=${plugins}`,
    `--lc-messages-dir=${messages}`,
    `--character-sets-dir=${charsets}`,
  ];
  mkdirSync(folder, { recursive: true });
  // As `exec`, for the process that is killed to be the server; --no-defaults has to come first.
  const script = `#!/bin/sh
first=$1
shift
exec ${[...command, '"$first"', ...options.map(quoted)].join(' ')} "$@"
`;
  writeFileSync(join(folder, 'mysqld'), script, { mode: 0o755 });
  return { folder };
}

/** How a server was started, up to its program: a loader that it needs comes before that. */
function commandOf(pidFile: string): string[] | undefined {
  if (!existsSync(pidFile)) return undefined;
  const process = join('/proc', readFileSync(pidFile, 'utf8').trim());
  if (!existsSync(join(process, 'cmdline'))) return undefined;
  const words = readFileSync(join(process, 'cmdline'), 'utf8').split('\0');
  const end = words.findIndex((word) => /(?:^|\/)mysqld$/.test(word));
  if (end === -1) return undefined;
  return words.slice(0, end + 1).map(quoted);
}

const quoted = (word: string) => `'${word.replaceAll("'", String.raw`'\''`)}'`;
