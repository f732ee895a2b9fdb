import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { root } from '../lib/root.ts';
import { type Figure, atMost, median, medianRatio, times } from './figure.ts';

const rounds = 31;

/** What a start and a generated project cost, against a Node.js that does nothing. */
export function measureStartup(): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'shipkit-bench-'));
  const command = join(root, 'bin', 'create-shipkit.js');
  const runs = {
    floor: ['-e', '0'],
    version: [command, '--version'],
    generate: [command, 'app', '--tier=starter', '--no-install', '--no-git', '--yes'],
  };
  const milliseconds = { floor: [] as number[], version: [] as number[], generate: [] as number[] };
  try {
    // The first run of each fills caches.
    for (const args of Object.values(runs)) timeOf(args, folder);
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['floor', 'version', 'generate'] as const) {
        milliseconds[name].push(timeOf(runs[name], folder));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const { floor, version, generate } = milliseconds;
  return [
    figure('create-shipkit --version', version, floor, 2),
    figure('generate a Starter', generate, floor, 4.5),
  ];
}

function figure(name: string, runs: number[], floor: number[], bar: number): Figure {
  const [took, base] = [runs, floor].map((values) => `${median(values).toFixed(1)} ms`);
  const detail = `${took} to ${base} of node -e 0, medians of ${rounds}`;
  return { ...atMost(name, medianRatio(runs, floor), bar, times), detail };
}

/** @throws Error with its output if the run failed */
function timeOf(args: readonly string[], cwd: string): number {
  const { PATH = '', HOME = cwd } = process.env;
  const started = performance.now();
  const run = spawnSync(process.execPath, args, { cwd, env: { PATH, HOME }, encoding: 'utf8' });
  const took = performance.now() - started;
  rmSync(join(cwd, 'app'), { recursive: true, force: true });
  if (run.status === 0) return took;
  throw new Error(`\`node ${args.join(' ')}\` failed: ${run.stderr}${run.stdout}`);
}
