import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { beforeAll, expect, inject, test } from 'vitest';

import { unpackDebian } from '../../scripts/lib/debian.ts';
import { root } from '../../scripts/lib/root.ts';
import { generateDeployed } from './support/generate-deployed.ts';

const folder = join(root, 'test/projects/support/provision');
const archive = 'node-v24.21.0-linux-x64';
const isPossible =
  process.platform === 'linux' && process.getuid?.() === 0 && process.arch === 'x64';

let debian: string;

const said = (step: string): string => readFileSync(join(debian, 'out', step), 'utf8');
const codeOf = (step: string): string => said(`${step}.code`).trim();

beforeAll(async () => {
  if (!isPossible) return;
  debian = mkdtempSync(join(inject('workshop'), 'debian-'));
  await unpackDebian(debian);
  const project = await generateDeployed(['redis', 'queues', 'admin']);
  cpSync(project, join(debian, 'given/project'), { recursive: true });
  for (const [name, place] of [
    ['drive.sh', 'given/drive.sh'],
    ['service-control.sh', 'usr/local/bin/service-control'],
    ['certbot.sh', 'usr/local/bin/certbot'],
  ] as const) {
    cpSync(join(folder, name), join(debian, place));
    chmodSync(join(debian, place), 0o755);
  }
  // The packages' own scripts would start their servers.
  writeFileSync(join(debian, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  await packNode();
  for (const path of ['out', 'srv/my-app/releases/one/node_modules']) {
    mkdirSync(join(debian, path), { recursive: true });
  }
  await drive([], 'packages');
  await drive(['--net']);
});

test.runIf(isPossible)('a second run of provision.sh changes nothing, and says so', () => {
  expect(codeOf('first'), said('first')).toBe('0');
  expect(codeOf('second'), said('second')).toBe('0');
  expect(said('second')).not.toMatch(/^changed/m);
  expect(said('second')).toMatch(/^Nothing was changed\.$/m);
  expect(said('listing-2')).toBe(said('listing-1'));
});

test.runIf(isPossible)('an archive of Node.js with another checksum is not installed', () => {
  expect(codeOf('refused')).toBe('3');
  expect(said('refused')).toMatch(/is not the one that node\.sha256 names/);
});

test.runIf(isPossible)('what only the owner knows is listed, and no secret is said', () => {
  expect(said('second')).toMatch(/credentials\/SMTP_URL/);
  expect(said('second')).toMatch(/MAIL_FROM/);
  const secrets = ['DATABASE_URL', 'MIGRATION_DATABASE_URL', 'REDIS_URL'].map(
    (name) => /:([^:@]{64})@/.exec(readCredential(name))?.[1] ?? '',
  );
  for (const secret of secrets) {
    expect(secret).toMatch(/^[0-9a-f]{64}$/);
    expect(said('first')).not.toContain(secret);
  }
  expect(new Set(secrets).size).toBe(3);
  for (const line of said('secrets').trim().split('\n')) {
    expect(line).toMatch(/^(?:700|600) (?:root|my-app) /);
  }
});

test.runIf(isPossible)('the site fits the nginx of the distribution', () => {
  expect(codeOf('site'), said('site')).toBe('0');
});

test.runIf(isPossible)("the app's user may add to the audit log, and not change it", () => {
  expect(codeOf('migrate'), said('migrate')).toBe('0');
  const grants = said('grants').split('\n');
  const onAudit = grants.find((line) => line.includes('`audit_log`'));
  expect(onAudit).toMatch(/^GRANT SELECT, INSERT ON /);
  expect(grants.filter((line) => line.includes('ALL PRIVILEGES'))).toEqual([]);
});

test.runIf(isPossible)('the weekly check verifies the audit log that was backed up', () => {
  expect(codeOf('keys'), said('keys')).toBe('0');
  expect(codeOf('backup'), said('backup')).toBe('0');
  expect(codeOf('check'), said('check')).toBe('0');
  expect(said('check')).toMatch(/entries are as they were written|1 entr/);
  expect(codeOf('check-changed')).toBe('1');
  expect(said('check-changed')).toMatch(/audit log in the backup is not as it was written/);
});

/** Runs drive.sh in the Debian; what it has started ends with it. */
async function drive(namespaces: string[], ...args: string[]): Promise<void> {
  const mounts = `mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
    mount --bind "$1" "$0/srv/my-app/releases/one/node_modules" && shift &&
    exec chroot "$0" bash /given/drive.sh "$@"`;
  const space = ['--mount', '--pid', '--fork', '--kill-child', ...namespaces];
  const command = [...space, 'sh', '-c', mounts, debian, join(root, 'node_modules'), ...args];
  await execa('unshare', command, { env: { PATH: process.env['PATH'] }, extendEnv: false });
}

function readCredential(name: string): string {
  return readFileSync(join(debian, 'etc/my-app/credentials', name), 'utf8');
}

/** This run's own Node.js, packed as its makers do, with its checksum in the place of theirs. */
async function packNode(): Promise<void> {
  const packing = join(debian, 'given/packing', archive, 'bin');
  mkdirSync(packing, { recursive: true });
  cpSync(process.execPath, join(packing, 'node'));
  const place = join(debian, 'given/node.tar.xz');
  const args = [
    '--create',
    '--xz',
    '--file',
    place,
    '--directory',
    join(packing, '../..'),
    archive,
  ];
  await execa('tar', args, { env: { XZ_OPT: '-0' } });
  writeFileSync(join(debian, 'given/other.tar.xz'), 'another archive');
  const { stdout } = await execa('sha256sum', [place]);
  const sums = join(debian, 'given/project/deploy/vps/node.sha256');
  const line = `${stdout.split(' ')[0]}  ${archive}.tar.xz\n`;
  writeFileSync(sums, line + readFileSync(sums, 'utf8').replace(/.*linux-x64.*\n/, ''));
}
