import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { root } from '../../scripts/lib/root.ts';
import { processesIn } from '../projects/support/processes.ts';
import { builtPackage } from './support/built.ts';
import { cli, strangersEnvironment, temporaryFolder } from './support/cli.ts';

const waiting = { timeout: 30_000, interval: 20 };

test.runIf(existsSync('/proc/self/cmdline'))(
  'drizzle-kit ends with the command that is killed, even where its folder goes meanwhile',
  async () => {
    const folder = join(temporaryFolder('orphan'), 'shop');
    await cli(['shop', '--yes', '--no-install', '--no-git'], { cwd: join(folder, '..') });
    mkdirSync(join(folder, 'node_modules'));
    for (const name of ['drizzle-kit', 'drizzle-orm']) {
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
    }
    const script = join(builtPackage(), 'bin', 'shipkit.js');
    const command = execa(process.execPath, [script, 'doctor'], {
      cwd: folder,
      env: strangersEnvironment(folder),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
    });
    // By then it reads the models, and would not end at a broken pipe.
    await vi.waitFor(() => {
      expect(processesIn(folder).some((one) => one.includes('esbuild'))).toBe(true);
    }, waiting);
    command.kill('SIGKILL');
    await command;
    rmSync(folder, { recursive: true, maxRetries: 3 });
    await vi.waitFor(() => {
      expect(processesIn(folder)).toEqual([]);
    }, waiting);
  },
);
