import { cpSync, globSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';

import { packages } from '../../scripts/lib/packages.ts';
import { richest } from './support/combinations.ts';
import { writtenDeployment } from './support/deployed.ts';

const folder = join(writtenDeployment(richest('my-app')), 'deploy', 'vps');
const isLinux = process.platform === 'linux';

test.runIf(isLinux)(
  'shellcheck finds nothing in what makes and keeps a server',
  async () => {
    const shellcheck = join(await packages('shellcheck'), 'usr', 'bin', 'shellcheck');
    const scripts = globSync('{provision,ensure*,backup*,restore*}.sh', { cwd: folder });
    expect(scripts).toHaveLength(7);
    const options = { cwd: folder, reject: false } as const;
    const { exitCode, stdout } = await execa(shellcheck, ['-x', ...scripts], options);
    expect(exitCode, stdout).toBe(0);
  },
  300_000,
);

describe.runIf(isLinux).each(['backup', 'restore-check'])('the unit %s', (name) => {
  test('is one that systemd takes without a word, and hardened', async () => {
    const units = mkdtempSync(join(tmpdir(), 'units-'));
    const service = join(units, `my-app-${name}.service`);
    const text = readFileSync(join(folder, 'systemd', `${name}.service`), 'utf8');
    expect(text).toContain(`ExecStart=/bin/bash /srv/my-app/current/deploy/vps/${name}.sh\n`);
    writeFileSync(service, text);
    const timer = join(units, `my-app-${name}.timer`);
    cpSync(join(folder, 'systemd', basename(timer).replace('my-app-', '')), timer);

    for (const unit of [service, timer]) {
      const verified = await execa('systemd-analyze', ['verify', '--man=no', unit]);
      expect(verified.stderr).toBe('');
    }
    const args = ['security', '--offline=true', '--threshold=15', service];
    const { exitCode, stdout } = await execa('systemd-analyze', args, { reject: false });
    expect(exitCode, stdout).toBe(0);
  });
});
