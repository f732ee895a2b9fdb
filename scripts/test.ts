// Everything that is checked before a change is taken:
//
//   npm test                     format, lint, types, build, the tests but for the longest
//   npm run test:full            the same with all of them, at the stated counts
//   npm test -- test/unit/name   only the tests whose path contains the words

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { styleText } from 'node:util';
import { execa } from 'execa';

import { countsEnvironment } from './lib/counts.ts';
import type { Report } from './lib/report.ts';
import { Stages } from './lib/stage.ts';
import { temporaryFolder } from './lib/temporary.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const reportFile = join(root, '.cache', 'test-report.json');

const checks = [
  { name: 'Format', script: 'node_modules/oxfmt/bin/oxfmt', args: ['--check'] },
  {
    name: 'Lint',
    script: 'node_modules/oxlint/bin/oxlint',
    args: ['--type-aware', '--deny-warnings', 'bin', 'src', 'scripts', 'test', 'vitest.config.ts'],
  },
  { name: 'Types', script: 'node_modules/typescript/bin/tsc', args: ['--noEmit'] },
  { name: 'Build', script: 'scripts/build.ts', args: [] },
  { name: 'Once', script: 'scripts/refresh.ts', args: ['--check'] },
  { name: 'Docs', script: 'scripts/docs.ts', args: ['--check'] },
];

const args = process.argv.slice(2);
const full = args.includes('--full');
const filters = args.filter((arg) => arg !== '--full');
const stages = new Stages();
const failures: string[] = [];

const counts = countsEnvironment(full);
print(
  Object.entries(counts)
    .map(([name, value]) => `${name}=${value}`)
    .join(' '),
);

for (const { name, script, args: scriptArgs } of filters.length === 0 ? checks : []) {
  if (!(await stages.run(name, () => succeeds(script, scriptArgs)))) failures.push(name);
}
const report = await stages.run('Tests', runTests);
summarise(report);

async function succeeds(script: string, scriptArgs: string[], env = {}): Promise<boolean> {
  const command = [join(root, script), ...scriptArgs];
  const ran = await execa(process.execPath, command, {
    cwd: root,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  return ran.exitCode === 0;
}

async function runTests(): Promise<Report> {
  mkdirSync(join(root, '.cache'), { recursive: true });
  rmSync(reportFile, { force: true });
  const reporters = ['--reporter=default', '--reporter=./scripts/lib/report.ts'];
  // What tools keep for the user stays in the clone: pnpm's store, vitest's token.
  const kept = join(root, '.cache', 'tools');
  const places = { XDG_DATA_HOME: kept, XDG_CACHE_HOME: kept, XDG_STATE_HOME: kept };
  const temporary = temporaryFolder();
  const env = { ...counts, ...places, TMPDIR: temporary, TEST_REPORT: reportFile };
  const passed = await succeeds(
    'node_modules/vitest/vitest.mjs',
    ['run', ...reporters, ...filters],
    env,
  );
  rmSync(temporary, { recursive: true, force: true });
  if (!passed) failures.push('Tests');
  // Without a report vitest itself did not get to its end.
  if (!existsSync(reportFile)) return { passed: 0, failed: [], skipped: [], errors: 1, files: {} };
  return JSON.parse(readFileSync(reportFile, 'utf8')) as Report;
}

/** The closing line is read by machines: it counts the checks beside the tests. */
function summarise({ passed, failed, skipped, errors, files }: Report): void {
  print('');
  print('The slowest files');
  const slowest = Object.entries(files).toSorted(([, a], [, b]) => b - a);
  for (const [file, milliseconds] of slowest.slice(0, 12)) {
    print(`${(milliseconds / 1000).toFixed(1).padStart(7)} s  ${file}`);
  }
  print('');
  for (const { name, seconds } of stages.timings) {
    print(`${name.padEnd(8)}${seconds.toFixed(1).padStart(7)} s`);
  }
  for (const { name, why } of skipped) {
    print(styleText('yellow', `SKIPPED: ${name}${why === undefined ? '' : ` (${why})`}`));
  }
  // A log that is cut keeps its end, so the names stand here once more.
  for (const { name, why } of failed) print(styleText('red', `FAILED: ${name}\n        ${why}`));
  if (failures.length > 0) print(styleText('red', `FAILED: ${failures.join(', ')}`));

  const brokenChecks = failures.filter((name) => name !== 'Tests').length;
  const checksRun = filters.length === 0 ? checks.length : 0;
  const brokenRun = failures.includes('Tests') && failed.length + errors === 0 ? 1 : 0;
  const allFailed = failed.length + errors + brokenChecks + brokenRun;
  print(
    `${passed + checksRun - brokenChecks} passed, ${allFailed} failed, ${skipped.length} skipped`,
  );
  process.exitCode = allFailed === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
