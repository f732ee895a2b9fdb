import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { root } from '../lib/root.ts';
import { type Figure, atMost, median, medianRatio, times } from './figure.ts';

const rounds = 21;
const few = 5;
const many = 100;
const fields = 'title:string,amount:money,due:date?';

/** What changing a project costs, where nothing is installed or migrated. */
export function measureChanges(): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  try {
    const [small, large] = [few, many].map((count) => makeProject(folder, count));
    if (small === undefined || large === undefined) return [];
    const runs = {
      floor: () => timeOf(folder, ['-e', '0']),
      small: () => timeOfChange(small, ['add-domain', 'orders', '--fields', fields]),
      large: () => timeOfChange(large, ['add-domain', 'orders', '--fields', fields]),
      'remove-domain': () => timeOfChange(small, ['remove-domain', nameOf(0)]),
      add: () => timeOfChange(small, ['add', 'ci']),
      update: () => timeOfChange(small, ['update']),
      'update --check': () => timeOfChange(small, ['update', '--check']),
      'add --dry-run': () => timeOfChange(small, ['add', 'ci', '--dry-run']),
      diff: () => timeOfChange(small, ['diff']),
      info: () => timeOfChange(small, ['info']),
      completion: () => timeOf(small, [command, 'completion', 'bash']),
      // A project without its packages is not healthy, so that it ends with 1.
      doctor: () => timeOfChange(small, ['doctor'], 1),
    };
    const names = Object.keys(runs) as (keyof typeof runs)[];
    const took = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<
      keyof typeof runs,
      number[]
    >;
    for (const name of names) runs[name]();
    for (let round = 0; round < rounds; round += 1) {
      for (const name of names) took[name].push(runs[name]());
    }
    return figures(took);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function figures(took: Readonly<Record<string, number[]>>): Figure[] {
  const { floor = [], small = [], large = [], ...others } = took;
  const growth = medianRatio(large, small);
  const all = {
    [`add-domain, ${few} domains`]: small,
    [`add-domain, ${many} domains`]: large,
    ...others,
  };
  return [
    {
      ...atMost(`add-domain, ${many} domains to ${few}`, growth, 1.5, times),
      detail: detail(large, small, 'the smaller project'),
    },
    ...Object.entries(all).map(([name, runs]) => ({
      ...atMost(`shipkit ${name}`, medianRatio(runs, floor), 10, times),
      detail: detail(runs, floor, 'node -e 0'),
    })),
  ];
}

function detail(a: number[], b: number[], of: string): string {
  return `${median(a).toFixed(1)} ms to ${median(b).toFixed(1)} ms of ${of}, medians of ${rounds}`;
}

const command = join(root, 'bin', 'shipkit.js');

function makeProject(parent: string, count: number): string {
  const domains = Array.from({ length: count }, (_, index) => ({
    name: nameOf(index),
    fields: [
      { name: 'title', type: 'string' },
      { name: 'amount', type: 'money' },
      { name: 'due', type: 'date', optional: true },
    ],
  }));
  const config = join(parent, 'config.json');
  writeFileSync(config, JSON.stringify({ domains }));
  const name = `with-${count}`;
  timeOf(parent, [command, 'create', name, '--yes', '--no-install', `--config=${config}`]);
  return join(parent, name);
}

/** `aathings`, `abthings`, …: of one length, and in the plural. */
function nameOf(index: number): string {
  const letters = [Math.floor(index / 26), index % 26].map((at) => String.fromCodePoint(97 + at));
  return `${letters.join('')}things`;
}

/** Each run begins with the project as it was committed. */
function timeOfChange(project: string, args: readonly string[], status = 0): number {
  const took = timeOf(project, [command, ...args], status);
  timeOf(project, ['-e', restore]);
  return took;
}

const restore = `
  const { execFileSync } = require('node:child_process');
  for (const args of [['restore', '.'], ['clean', '-fdq']]) execFileSync('git', args);`;

/** @throws Error with its output if the run did not end as it should */
function timeOf(cwd: string, args: readonly string[], status = 0): number {
  const { PATH = '', HOME = cwd } = process.env;
  const started = performance.now();
  const run = spawnSync(process.execPath, args, { cwd, env: { PATH, HOME }, encoding: 'utf8' });
  const took = performance.now() - started;
  if (run.status === status) return took;
  throw new Error(
    `\`node ${args.join(' ')}\` ended with ${run.status}: ${run.stderr}${run.stdout}`,
  );
}
