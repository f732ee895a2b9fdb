// Where a database server comes from, in the order in which it is tried.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fetchPackages } from '../packages.ts';
import { say } from '../progress.ts';
import { dockerVersion, startContainer } from './container.ts';
import { startNative } from './native.ts';
import { findPrograms, unpackedProgram } from './programs.ts';
import type { Program } from './programs.ts';
import type { DatabaseRecord, EngineKind } from './record.ts';

export interface Engine {
  kind: EngineKind;
  /** What a person knows it by. */
  label: string;
  /** Starts it and waits until it answers; keeps the record in step on disk. */
  start(record: DatabaseRecord, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * The engines that could run the database: one that was fetched before, those found on this machine,
 * one fetched now, one in Docker. Each is only looked for when the one before it was no use.
 *
 * @param home where the database lies; packages go beside it
 * @param kinds those that will do: data that exists is only opened by the kind that made it
 * @param pass is told of each place that has none, and why
 */
export async function* findEngines(
  home: string,
  kinds: EngineKind[],
  pass: (reason: string) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Engine> {
  const packages = join(home, '../packages/mariadb');
  const native = (program: Program): Engine => ({
    kind: program.kind,
    label: program.label,
    start: (record, stop) => startNative(program, home, record, stop),
  });

  const unpack = (task: () => Promise<void>): Promise<Engine | undefined> =>
    attempt("the distribution's packages", pass, signal, async () => {
      await task();
      return native(await unpackedProgram(packages));
    });

  const canBeFetched = kinds.includes('MariaDB');
  const fetched = canBeFetched && existsSync(packages) && (await unpack(async () => undefined));
  if (fetched) yield fetched;
  for await (const program of findPrograms(pass)) {
    if (kinds.includes(program.kind)) yield native(program);
  }
  // Those of before may need libraries that a newer release of the system no longer has.
  const fresh = canBeFetched && !fetched && (await unpack(() => fetchMariaDb(packages, signal)));
  if (fresh) yield fresh;
  if (!kinds.includes('Docker')) return;
  const docker = await attempt('Docker', pass, signal, () => dockerVersion(signal));
  if (docker) {
    yield {
      kind: 'Docker',
      label: `Docker ${docker}`,
      start: (record, stop) => startContainer(home, record, stop),
    };
  }
}

/** By the names of this release of the distribution, or of an older one. */
const packageSets = [
  ['mariadb-server-core', 'mariadb-client-core'],
  ['mariadb-server-core-10.6', 'mariadb-client-core-10.6'],
];

async function fetchMariaDb(folder: string, signal: AbortSignal | undefined): Promise<void> {
  if (!existsSync('/var/lib/dpkg/status')) throw new Error('this is not Debian or Ubuntu');
  say('fetching MariaDB into .shipkit/local (once, about 20 MB) …');
  await fetchPackages(folder, packageSets, signal);
}

async function attempt<T>(
  place: string,
  pass: (reason: string) => void,
  signal: AbortSignal | undefined,
  task: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await task();
  } catch (error) {
    signal?.throwIfAborted();
    pass(`${place}: ${error instanceof Error ? error.message.trim() : String(error)}`);
    return undefined;
  }
}
