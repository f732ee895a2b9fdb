import { execa } from 'execa';
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { beforeAll, expect, inject, test } from 'vitest';

import { packages } from '../../scripts/lib/packages.ts';
import { Front } from './support/front.ts';
import { generateDeployed } from './support/generate-deployed.ts';

let folder: string;
let scripts: string;

beforeAll(async () => {
  folder = await generateDeployed(['billing', 'redis', 'queues', 'email']);
  scripts = join(folder, 'deploy/vps');
});

test('shellcheck has nothing to say about any script', async () => {
  const program = join(await packages('shellcheck'), 'usr/bin/shellcheck');
  const files = globSync('**/*.sh', { cwd: scripts });
  expect(files.length).toBeGreaterThan(5);
  const { all } = await execa(program, ['-x', '-P', '.', ...files], {
    cwd: scripts,
    all: true,
    reject: false,
  });
  expect(all).toBe('');
});

test('every unit is understood by systemd, and has an exposure of 1.5 at most', async () => {
  const root = mkdtempSync(join(inject('workshop'), 'units-'));
  const units = join(root, 'etc/systemd/system');
  mkdirSync(units, { recursive: true });
  // What is named by the units has to be there; what the system brings is this machine's.
  cpSync('/usr/lib/systemd/system', join(root, 'usr/lib/systemd/system'), { recursive: true });
  for (const name of ['kill', 'install']) writeProgram(join(root, 'usr/bin'), name);
  writeProgram(join(root, 'opt/node-24/bin'), 'node');
  for (const file of globSync('*.sh', { cwd: scripts })) {
    writeProgram(join(root, 'srv/my-app/current/deploy/vps'), file);
  }
  await inScratchRoot(root, 'load_settings; install_units "$HERE/systemd"');

  const names = globSync('my-app*.{service,timer,target}', { cwd: units }).map((file) =>
    file.replace('@.', '@1.'),
  );
  expect(names).toContain('my-app-web@1.service');
  expect(names).toContain('my-app-worker.service');
  for (const name of names) {
    const verified = await analyze('verify', `--root=${root}`, '--man=no', name);
    expect(verified.all, name).toBe('');
    expect(verified.exitCode, name).toBe(0);
    if (!name.endsWith('.service')) continue;
    const options = [`--root=${root}`, '--offline=true', '--threshold=15', '--no-pager'];
    expect((await analyze('security', ...options, name)).exitCode, name).toBe(0);
    const text = readFileSync(join(units, name.replace('@1.', '@.')), 'utf8');
    expect(text).not.toContain('\nMemoryDenyWriteExecute');
  }
});

test('nginx takes the site, fitted to the nginx and OpenSSL that are installed', async () => {
  const root = mkdtempSync(join(inject('workshop'), 'site-'));
  const front = await Front.make(root, 'app.example.com');
  await site(root, front.bin);
  expect(await front.check()).toBe('');

  // A newer one: what it takes cannot be asked of the one that is here.
  const newer = mkdtempSync(join(inject('workshop'), 'newer-'));
  const said =
    'nginx version: nginx/1.28.0\\nbuilt with OpenSSL 3.4.0 (running with OpenSSL 3.5.1)';
  writeProgram(join(newer, 'bin'), 'nginx', `[ "$1" = -V ] && printf '${said}\\n' >&2; exit 0`);
  await site(newer, join(newer, 'bin'));
  const listen = readFileSync(join(newer, 'etc/nginx/my-app/listen.conf'), 'utf8');
  expect(listen).toContain('ssl_ecdh_curve X25519MLKEM768:X25519:prime256v1:secp384r1;');
  expect(listen).toContain('listen 443 ssl;');
  expect(listen).toContain('http2 on;');
});

test('what nginx does not take is taken back', async () => {
  const root = mkdtempSync(join(inject('workshop'), 'refused-'));
  const front = await Front.make(root, 'app.example.com');
  await site(root, front.bin);
  const place = join(root, 'etc/nginx/my-app/site.conf');
  const before = readFileSync(place, 'utf8');
  const source = join(scripts, 'nginx/site.conf');
  writeFileSync(source, `${before}\nnonsense;\n`);
  const { exitCode, all } = await site(root, front.bin);
  writeFileSync(source, before);
  expect(exitCode).toBe(3);
  expect(all).toContain('nginx does not take the site');
  expect(readFileSync(place, 'utf8')).toBe(before);
  expect(await front.check()).toBe('');
});

test('without a domain of its own, and with options that it does not know, a deployment is refused', async () => {
  const root = mkdtempSync(join(inject('workshop'), 'refusals-'));
  const unnamed = join(await generateDeployed([], { vps: {} }), 'deploy/vps');
  const refused = await script(root, join(unnamed, 'deploy.sh'));
  expect(refused.exitCode).toBe(2);
  expect(refused.all).toMatch(/^The domain is still the placeholder app.example.invalid: .*\.$/);
  const orders = [['--nonsense', 'x'], ['--artefact', 'x'], ['--revision', 'a/b'], ['--sha256']];
  for (const order of orders) {
    const { exitCode, all } = await script(root, join(scripts, 'deploy.sh'), ...order);
    expect(exitCode).toBe(2);
    expect(all.split('\n')).toHaveLength(1);
  }
  const early = await script(root, join(scripts, 'deploy.sh'));
  expect(early.exitCode).toBe(3);
  expect(early.all).toContain('run provision.sh first');
  expect(globSync('**', { cwd: root })).toEqual(['.']);
});

function script(root: string, file: string, ...args: string[]) {
  const env = { ROOT_PREFIX: root, SERVICE_CONTROL: 'true' };
  return execa('bash', [file, ...args], { env, all: true, reject: false });
}

function site(root: string, bin: string) {
  const env = {
    ROOT_PREFIX: root,
    SERVICE_CONTROL: 'true',
    PATH: `${bin}:${process.env['PATH']}`,
  };
  return execa('bash', [join(scripts, 'site.sh')], { env, all: true, reject: false });
}

async function inScratchRoot(root: string, commands: string): Promise<void> {
  const text = `set -euo pipefail; . '${scripts}/lib.sh'; ${commands}`;
  await execa('bash', ['-c', text], { env: { ROOT_PREFIX: root, SERVICE_CONTROL: 'true' } });
}

function analyze(...args: string[]) {
  return execa('systemd-analyze', args, { all: true, reject: false });
}

function writeProgram(place: string, name: string, body = 'exit 0'): void {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, name), `#!/bin/bash\n${body}\n`, { mode: 0o755 });
}
