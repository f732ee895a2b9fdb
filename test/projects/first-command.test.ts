import { mkdirSync, mkdtempSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';
import { expect, inject, test } from 'vitest';

import { cleanEnvironment } from '../../scripts/lib/environment.ts';
import { root } from '../../scripts/lib/root.ts';
import { processesIn } from './support/processes.ts';

test('in a fresh clone with an empty home folder npm run try -- --exit is all that it takes', async () => {
  const folder = mkdtempSync(join(inject('workshop'), 'clone-'));
  const home = join(folder, 'home');
  const clone = join(folder, 'clone');
  mkdirSync(home);
  await execa('git', ['clone', '--quiet', root, clone]);

  const ran = await execa('npm', ['run', 'try', '--', '--exit'], {
    cwd: clone,
    env: { ...cleanEnvironment({ HOME: home, PATH: systemPath() }), npm_config_cache: undefined },
    extendEnv: false,
    reject: false,
    all: true,
  });

  expect(ran.exitCode, ran.all).toBe(0);
  expect(ran.all).toMatch(/GET {2}\/v1\/auth\/me +200/);
  expect(readdirSync(home).filter((name) => name !== '.npm')).toEqual([]);
  expect(processesIn(folder)).toEqual([]);
  const status = await execa('git', ['status', '--porcelain'], { cwd: clone });
  expect(status.stdout).toBe('');
});

/** The PATH without the Node and the tools that this repository brings. */
function systemPath(): string {
  const { PATH = '' } = process.env;
  return PATH.split(delimiter)
    .filter((entry) => !entry.startsWith(root))
    .join(delimiter);
}
