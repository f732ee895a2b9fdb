// The figures that this project promises, measured on this machine: npm run bench. Times are ratios
// to a floor or a peer in the same run, because absolute ones say more about the machine; but for the
// check of a flag, in processor time, and the time that somebody waits in front of a page.

import process from 'node:process';
import { styleText } from 'node:util';
import { execa } from 'execa';

import { root } from '../lib/root.ts';
import { Stages } from '../lib/stage.ts';
import { measureAccounts } from './accounts.ts';
import { withBackend } from './backend.ts';
import { measureCache } from './cache.ts';
import { measureChanges } from './change.ts';
import { measureCustomers } from './customers.ts';
import type { Figure } from './figure.ts';
import { measureFlags } from './flags.ts';
import { measureJobs } from './jobs.ts';
import { measureLimits } from './limits.ts';
import { measureMe } from './me.ts';
import { measurePackage } from './package.ts';
import { measureRestore } from './restore.ts';
import { measureLogins, measureVerification } from './sign-in.ts';
import { measureStartup } from './startup.ts';
import { measureWebhooks } from './webhooks.ts';

const stages = new Stages();
await stages.run('Building the command', () =>
  execa(process.execPath, ['scripts/build.ts'], { cwd: root }),
);
const figures = [
  ...(await stages.run('Starting and generating', () => Promise.resolve(measureStartup()))),
  ...(await stages.run('Changing projects', () => Promise.resolve(measureChanges()))),
  ...(await stages.run('Packing', measurePackage)),
  ...(await measureCache(stages)),
  ...(await measureAccounts(stages)),
  ...(await withBackend(stages, async (backend) => [
    ...(await measureVerification(stages, backend)),
    ...(await measureFlags(stages, backend)),
    ...(await measureLogins(stages, backend)),
    ...(await measureMe(stages, backend)),
    ...(await measureWebhooks(stages, backend)),
    ...(await measureCustomers(stages, backend)),
  ])),
  ...(await measureLimits(stages)),
  ...(await measureJobs(stages)),
  ...(await measureRestore(stages)),
];
print(figures);
process.exitCode = figures.every(({ met }) => met !== false) ? 0 : 1;

function print(rows: readonly Figure[]): void {
  const widths = {
    name: widest(rows.map(({ name }) => name)),
    value: widest(rows.map(({ value }) => value)),
  };
  process.stdout.write('\n');
  for (const { name, value, bar = '', met, detail } of rows) {
    const columns = [
      name.padEnd(widths.name),
      value.padStart(widths.value),
      bar.padEnd(10),
      verdict(met),
      detail,
    ];
    process.stdout.write(`${columns.join('  ')}\n`);
  }
}

function verdict(met: boolean | undefined): string {
  if (met === undefined) return '      ';
  return met ? styleText('green', 'met   ') : styleText('red', 'MISSED');
}

function widest(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length));
}
