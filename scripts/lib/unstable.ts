// Clients of Docker and Kubernetes, which need no server to read what a project has for them. Where
// this machine has none, on Debian, that of Debian unstable: other releases have none, or an old one.
import { existsSync, globSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

import { whileLocked } from './lock.js';
import { root } from './root.ts';

/**
 * The client of Docker Compose, of version 2 or later.
 *
 * @returns the program and its first arguments
 */
export async function dockerCompose(): Promise<readonly [program: string, ...args: string[]]> {
  if (await works('docker', ['compose', 'version'])) return ['docker', 'compose'];
  return [await unstable('docker-compose', 'usr/libexec/docker/cli-plugins/docker-compose')];
}

export async function kubectl(): Promise<string> {
  if (await works('kubectl', ['version', '--client'])) return 'kubectl';
  return unstable('kubernetes-client', 'usr/bin/kubectl');
}

async function works(program: string, args: readonly string[]): Promise<boolean> {
  const { exitCode } = await execa(program, args, { reject: false });
  return exitCode === 0;
}

async function unstable(name: string, program: string): Promise<string> {
  const folder = join(root, '.cache', 'unstable', name);
  mkdirSync(join(root, '.cache', 'unstable'), { recursive: true });
  await whileLocked(folder, async () => {
    if (!existsSync(folder)) await fetch(name, folder);
  });
  return join(folder, program);
}

/** Unpacks a package; nothing is installed, and no list of the machine's own is changed. */
async function fetch(name: string, folder: string): Promise<void> {
  const work = `${folder}.fetching`;
  rmSync(work, { recursive: true, force: true });
  for (const path of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(work, path), { recursive: true });
  }
  writeFileSync(join(work, 'sources.list'), `deb ${await mirror(name)} sid main\n`);
  writeFileSync(join(work, 'status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(work, 'sources.list'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State::lists': join(work, 'lists'),
    'Dir::State::status': join(work, 'status'),
    'Dir::Cache': join(work, 'cache'),
    'APT::Sandbox::User': '',
    'APT::Update::Post-Invoke-Success::': '/bin/true',
    'Debug::NoLocking': '1',
  };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-o', `${key}=${value}`]);
  await execa('apt-get', [...options, '-q', 'update'], { cwd: work });
  await execa('apt-get', [...options, '-q', 'download', name], { cwd: work });
  const [archive = ''] = globSync('*.deb', { cwd: work });
  await execa('dpkg-deb', ['-x', archive, 'root'], { cwd: work });
  renameSync(join(work, 'root'), folder);
  rmSync(work, { recursive: true, force: true });
}

/** Where this machine has its own packages of Debian from. */
async function mirror(name: string): Promise<string> {
  const sites = existsSync('/usr/bin/apt-get')
    ? (await execa('apt-get', ['indextargets', '--format', '$(SITE)'])).stdout.split('\n')
    : [];
  const site = sites.find((line) => /\/debian\/?$/.test(line));
  if (site !== undefined) return site;
  throw new Error(`This machine has no ${name}, and no packages of Debian to take it from.`);
}
