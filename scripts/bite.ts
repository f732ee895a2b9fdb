// Proves that tests bite: takes each guard of the generated backend away in turn, in a scratch copy,
// and demands that the test which is there for it fails.
//
//   npm run test:bite             every guard
//   npm run test:bite -- lease    those whose name has the word
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { execa } from 'execa';

import { withDefaults } from '../src/catalog/answers.ts';
import { writeTree } from '../src/project/staging.ts';
import { render } from '../src/render/render.ts';
import { templatesFrom } from '../src/templates/compile.ts';
import { type Guard, guards } from './bite/guards.ts';
import { useServer } from './lib/database.ts';
import { cleanEnvironment } from './lib/environment.ts';
import { richest } from './lib/generate.ts';
import { useRedis } from './lib/redis.ts';
import { root } from './lib/root.ts';
import { Stop, say } from './lib/say.js';

interface Result {
  readonly passed: string[];
  readonly failed: string[];
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** The variables that tell the project's tests where the servers are. */
type Servers = Record<string, string>;

const project = join(root, '.cache', `bite-${process.pid}`);

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.exitCode = error instanceof Stop ? error.exitCode : 1;
  say(error instanceof Error ? error.message : String(error));
} finally {
  rmSync(project, { recursive: true, force: true });
}

async function main(words: readonly string[]): Promise<void> {
  const chosen = guards.filter(({ name }) => words.every((word) => name.includes(word)));
  if (chosen.length === 0) throw new Stop(`No guard has ${words.join(' ')} in its name.`, 2);
  const database = await useServer('npm run test:bite');
  const redis = await useRedis('npm run test:bite');
  const servers = { TEST_DATABASE_URL: database.url, TEST_REDIS_URL: redis.url };
  try {
    makeProject();
    await expectGreen(chosen, servers);
    const toothless: string[] = [];
    for (const guard of chosen) {
      const held = await bites(guard, servers);
      console.log(`${held ? 'bites    ' : 'NO BITE  '} ${guard.name}`);
      if (!held) toothless.push(guard.name);
    }
    console.log(
      `${chosen.length - toothless.length} of ${chosen.length} guards are held by a test`,
    );
    if (toothless.length > 0) process.exitCode = 1;
  } finally {
    await database.leave();
    await redis.leave();
  }
}

/** The richest project, which finds its packages in this repository. */
function makeProject(): void {
  const { tier, features } = richest();
  const answers = { ...withDefaults({ name: 'bite' }), tier, features: [...features] };
  mkdirSync(project, { recursive: true });
  writeTree(render(answers, templatesFrom(join(root, 'templates')), { version: '0.0.0' }), project);
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
}

/** With its guards the project passes: else a failure would prove nothing. */
async function expectGreen(chosen: readonly Guard[], servers: Servers): Promise<void> {
  const files = [...new Set(chosen.map(({ test }) => test))];
  const { failed, passed } = await runTests(files, servers);
  if (failed.length > 0) throw new Stop(`Fails with every guard: ${failed.join('; ')}`, 1);
  for (const { name, title } of chosen) {
    if (passed.some((one) => one.includes(title))) continue;
    throw new Stop(`There is no test “${title}”, which is there for: ${name}`, 1);
  }
}

async function bites({ file, find, replace, test, title }: Guard, servers: Servers) {
  const path = join(project, file);
  const text = readFileSync(path, 'utf8');
  if (text.split(find).length !== 2) throw new Stop(`${file} does not have once: ${find}`, 1);
  writeFileSync(
    path,
    text.replace(find, () => replace),
  );
  try {
    const { failed } = await runTests([test], servers);
    return failed.some((name) => name.includes(title));
  } finally {
    writeFileSync(path, text);
  }
}

async function runTests(files: readonly string[], servers: Servers): Promise<Result> {
  const program = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(project, 'report.json');
  rmSync(report, { force: true });
  const reporter = ['--reporter=json', `--outputFile=${report}`];
  const ran = await execa(process.execPath, [program, 'run', ...reporter, ...files], {
    cwd: project,
    env: cleanEnvironment(servers),
    extendEnv: false,
    reject: false,
    all: true,
  });
  // Without one vitest did not come to its end, which is no failing test.
  if (!existsSync(report)) throw new Stop(`vitest gave no report:\n${ran.all}`, 1);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as Report;
  const all = testResults.flatMap(({ assertionResults }) => assertionResults);
  const named = (status: string) =>
    all.filter((one) => one.status === status).map(({ fullName }) => fullName);
  return { passed: named('passed'), failed: named('failed') };
}
