// The servers that this machine has, wherever they were installed.
import { existsSync, globSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Program, ServerKind } from './kind.ts';
import { packageEnvironment } from './packages.ts';
import { run } from './run.ts';

/**
 * Looks in PATH and in the places where packages, Homebrew and Windows installers put a server.
 *
 * @param pass is told of each server that cannot be used, and why
 */
export async function* findPrograms(
  kind: ServerKind,
  pass: (reason: string) => void,
): AsyncGenerator<Program> {
  const seen = new Set<string>();
  for (const server of serverFiles(kind)) {
    const file = realpathSync(server);
    if (seen.has(file)) continue;
    seen.add(file);
    try {
      yield await describe(kind, { server, options: [], env: process.env });
    } catch (error) {
      pass(`${server}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

/** A server out of unpacked packages. */
export function unpackedProgram(kind: ServerKind, folder: string): Promise<Program> {
  const { servers, options } = kind.packages;
  const files = servers.map((path) => join(folder, path));
  const server = files.find(existsSync);
  if (!server) throw new Error(`there is no ${servers.join(' or ')} in ${folder}`);
  return describe(kind, { server, options: options(folder), env: packageEnvironment(folder) });
}

function serverFiles({ programs }: ServerKind): string[] {
  const windows = process.platform === 'win32';
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
    ...(windows ? windowsFolders(programs.windowsFolders) : unixFolders(programs.unixFolders)),
  ];
  const files = programs.files.map((name) => (windows ? `${name}.exe` : name));
  return folders.flatMap((folder) => files.map((file) => join(folder, file))).filter(existsSync);
}

function unixFolders(patterns: readonly string[]): string[] {
  return [
    '/usr/sbin',
    '/usr/bin',
    '/usr/libexec',
    '/usr/local/sbin',
    '/usr/local/bin',
    ...globSync(patterns),
  ];
}

function windowsFolders(patterns: readonly string[]): string[] {
  const programs = process.env['ProgramFiles'] ?? 'C:\\Program Files';
  return globSync(patterns, { cwd: programs }).map((folder) => join(programs, folder));
}

async function describe(
  { programs }: ServerKind,
  found: Pick<Program, 'server' | 'options' | 'env'>,
): Promise<Program> {
  const { server, env } = found;
  const said = await run(server, [...programs.version], { env });
  const [version = '', major = '', minor = ''] = /(\d+)\.(\d+)\.\d+/.exec(said) ?? [];
  const make = programs.makeOf(said);
  const [needMajor, needMinor] = programs.oldest[make] ?? [0, 0];
  if (Number(major) * 1000 + Number(minor) < needMajor * 1000 + needMinor) {
    throw new Error(`${make} ${version} is older than ${needMajor}.${needMinor}`);
  }
  const label = `${make} ${version} (${server})`;
  return { ...found, make, label, installer: programs.installerOf?.(make, server) };
}
