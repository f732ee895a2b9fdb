// Where a server comes from, in the order in which it is tried.
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { dockerVersion, startContainer } from './container.ts';
import type { Instance, Program, ServerKind } from './kind.ts';
import { withLock } from './lock.ts';
import { startNative } from './native.ts';
import { fetchPackages } from './packages.ts';
import { findPrograms, unpackedProgram } from './programs.ts';
import { say } from './progress.ts';

export interface Engine {
  /** What a person knows it by. */
  label: string;
  /** Starts it and waits until it answers; keeps the record in step on disk. */
  start(signal: AbortSignal | undefined): Promise<void>;
}

/**
 * The engines that could run the server: one that was fetched before, those found on this machine,
 * one fetched now, one in Docker. Each is only looked for when the one before it was no use.
 *
 * @param make the only one that will do, since only that can open the data there is
 * @param pass is told of each place that has none, and why
 */
export async function* findEngines(
  instance: Instance,
  make: string | undefined,
  pass: (reason: string) => void,
  signal: AbortSignal | undefined,
): AsyncGenerator<Engine> {
  const { kind, home } = instance;
  const willDo = (one: string): boolean => make === undefined || make === one;
  const folder = join(home, '../packages', kind.packages.make.toLowerCase());
  const native = (program: Program): Engine => ({
    label: program.label,
    start: (stop) => startNative(instance, program, stop),
  });

  const unpack = (task: () => Promise<void>): Promise<Engine | undefined> =>
    attempt("the distribution's packages", pass, signal, async () => {
      await task();
      return native(await unpackedProgram(kind, folder));
    });

  const canBeFetched = willDo(kind.packages.make);
  const fetched = canBeFetched && existsSync(folder) && (await unpack(async () => undefined));
  if (fetched) yield fetched;
  for await (const program of findPrograms(kind, pass)) {
    if (willDo(program.make)) yield native(program);
  }
  // Those of before may need libraries that a newer release of the system no longer has.
  const fresh = canBeFetched && !fetched && (await unpack(() => fetchOnce(kind, folder, signal)));
  if (fresh) yield fresh;
  if (!willDo('Docker')) return;
  const docker = await attempt('Docker', pass, signal, () => dockerVersion(signal));
  if (docker) yield { label: `Docker ${docker}`, start: (stop) => startContainer(instance, stop) };
}

/** In tests several servers of a kind may want its packages at the same moment. */
async function fetchOnce(
  { packages }: ServerKind,
  folder: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!existsSync('/var/lib/dpkg/status')) throw new Error('this is not Debian or Ubuntu');
  const { make, size, sets } = packages;
  const place = dirname(folder);
  mkdirSync(place, { recursive: true });
  const stood = existsSync(folder);
  // By its real path: other projects may share the folder by a link.
  const lock = join(realpathSync(place), `${basename(folder)}.lock`);
  await withLock(lock, signal, async () => {
    if (!stood && existsSync(folder)) return;
    say(`fetching ${make} into .shipkit/local (once, ${size}) …`);
    await fetchPackages(folder, sets, signal);
  });
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
