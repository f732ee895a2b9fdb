import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test, vi } from 'vitest';
import { processesIn } from '../projects/support/processes.ts';
import { builtPackage } from './support/built.ts';
import { contentOf } from './support/changed.ts';
import { strangersEnvironment } from './support/cli.ts';
import { project, shipkit } from './support/commands.ts';
import { linkDrizzle } from './support/drizzle.ts';

const waiting = { timeout: 30_000, interval: 20 };

test.runIf(existsSync('/proc/self/cmdline'))(
  'drizzle-kit ends with the command that is killed, even where its folder goes meanwhile',
  async () => {
    const folder = await projectWithDrizzle();
    await killWhileDrizzleRuns(folder, ['doctor']);
    rmSync(folder, { recursive: true, maxRetries: 3 });
    await vi.waitFor(() => {
      expect(processesIn(folder)).toEqual([]);
    }, waiting);
  },
);

test.runIf(existsSync('/proc/self/cmdline'))(
  'a command that is killed while drizzle-kit runs leaves the project as it was, for the next one',
  async () => {
    const folder = await projectWithDrizzle();
    const before = contentOf(folder);
    const args = ['add-domain', 'customers', '--fields', 'name:string', '--no-install'];
    await killWhileDrizzleRuns(folder, args);
    expect(contentOf(folder)).toEqual(before);
    const again = await shipkit(args, folder);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(existsSync(join(folder, 'migrations/0001_add_customers.sql'))).toBe(true);
    expect(readdirSync(join(folder, '.shipkit', 'local'))).toEqual([]);
  },
);

/** A project in which migrations can be generated. */
async function projectWithDrizzle(): Promise<string> {
  const folder = await project('--no-git');
  linkDrizzle(folder);
  return folder;
}

async function killWhileDrizzleRuns(folder: string, args: readonly string[]): Promise<void> {
  const command = execa(process.execPath, [join(builtPackage(), 'bin', 'shipkit.js'), ...args], {
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
}
