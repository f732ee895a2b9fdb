// Debian's and Ubuntu's own packages, unpacked into a folder: nothing is installed, no root needed.
import { globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.ts';

/**
 * Fetches packages, with whatever they need that this machine has not, and unpacks it all.
 *
 * @param folder where the files go, as if it were `/`; it exists only once it is complete
 * @param sets the packages by their names in different releases; the first set to be had counts
 * @throws what apt said, if none of them can be had
 */
export async function fetchPackages(
  folder: string,
  sets: readonly (readonly string[])[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const work = `${folder}.fetching`;
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
  for (const path of ['lists/partial', 'cache/archives/partial', 'root']) {
    mkdirSync(join(work, path), { recursive: true });
  }
  const apt = aptGet(work, sets.flat(), signal);
  const update = await outcome(apt(['update', '-qq']));
  await download(apt, sets, update);
  for (const archive of globSync(join(work, 'cache/archives/*.deb'))) {
    await run('dpkg-deb', ['-x', archive, join(work, 'root')], { signal });
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  renameSync(join(work, 'root'), folder);
  rmSync(work, { recursive: true, force: true, maxRetries: 5 });
}

/** The environment in which a program out of such a folder finds its libraries. */
export function packageEnvironment(folder: string): NodeJS.ProcessEnv {
  const libraries = globSync(['lib/*-linux-gnu*', 'usr/lib/*-linux-gnu*'], { cwd: folder });
  const paths = libraries.map((path) => join(folder, path));
  return { ...process.env, LD_LIBRARY_PATH: paths.join(':') };
}

type Apt = (args: string[]) => Promise<string>;

/** apt-get with the machine's sources and keys, but with every file that it writes under `work`. */
function aptGet(work: string, wanted: readonly string[], signal: AbortSignal | undefined): Apt {
  const config = join(work, 'apt.conf');
  const status = join(work, 'status');
  writeFileSync(config, aptConfig);
  writeFileSync(status, installedPackages(wanted));
  const paths = {
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': status,
    'Dir::State::extended_states': join(work, 'extended_states'),
    'Dir::Cache': join(work, 'cache'),
    'Dir::Log': work,
  };
  const options = Object.entries(paths).flatMap(([key, path]) => ['-o', `${key}=${path}`]);
  const env = { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' };
  return (args) => run('apt-get', ['-c', config, ...options, ...args], { env, signal });
}

// Hooks of the machine's own configuration are cleared: they tidy the machine's folders, not ours.
const aptConfig = `
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Invoke;
#clear DPkg::Post-Invoke;
#clear DPkg::Pre-Install-Pkgs;
APT::Sandbox::User "";
Acquire::Languages "none";
Debug::NoLocking "true";
`;

const keptFields = /^(?:Package|Status|Architecture|Multi-Arch|Version|Provides):/;

/**
 * What dpkg has installed, as apt reads it, but without the packages' relations: so a conflict with
 * something installed, or a half-finished installation, does not stand in the way of a download.
 * The wanted packages are left out, so that they are fetched even where they are installed.
 */
function installedPackages(wanted: readonly string[]): string {
  const stanzas = readFileSync('/var/lib/dpkg/status', 'utf8').split(/\n{2,}/);
  return stanzas
    .filter((stanza) => /^Status: .* installed$/m.test(stanza))
    .filter((stanza) => !wanted.includes(/^Package: (.*)$/m.exec(stanza)?.[1] ?? ''))
    .map((stanza) => stanza.split('\n').filter((line) => keptFields.test(line)))
    .map((lines) => [...lines, 'Maintainer: -', 'Description: -', ''].join('\n'))
    .join('\n');
}

async function download(
  apt: Apt,
  sets: readonly (readonly string[])[],
  update: Error | undefined,
): Promise<void> {
  const install = ['install', '-y', '--download-only', '--no-install-recommends'];
  const failures = update ? [update] : [];
  for (const names of sets) {
    const failure = await outcome(apt([...install, ...names]));
    if (!failure) return;
    if (failure.name === 'AbortError') throw failure;
    failures.push(failure);
  }
  // The first failure is the cause: without package lists every name is unknown.
  throw new Error(failures[0]?.message);
}

async function outcome(result: Promise<unknown>): Promise<Error | undefined> {
  return result.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}
