import path from 'node:path';
import pc from 'picocolors';
import { installCommands, scriptRunner } from '../catalog/package-manager.ts';
import { reasonLine } from '../catalog/reason.ts';
import type { CreateResult } from '../commands/create.ts';
import { exitCodes, Problem } from '../problem.ts';
import { seconds } from './duration.ts';
import type { Output } from './output.ts';

interface Circumstances {
  readonly dryRun: boolean;
  readonly milliseconds: number;
  readonly cwd: string;
}

/**
 * Tells what was made, how long it took and what comes next.
 *
 * @throws nothing; what failed after the project was made sets exit code 1
 */
export function reportCreated(result: CreateResult, output: Output, about: Circumstances): void {
  const { folder, files, features, git, install, migrations, answers } = result;
  const reasons = result.reasons.map(reasonLine);
  const { name, tier, packageManager } = answers;
  const next = nextCommands(result, about.cwd);
  const facts = {
    name,
    tier,
    features,
    reasons,
    packageManager,
    folder,
    files,
    git,
    install,
    migrations,
  };
  const { dryRun, milliseconds } = about;
  const json = { dryRun, ...facts, milliseconds, next };
  if (dryRun) {
    for (const file of files) output.say(file);
    output.say();
  }
  for (const reason of reasons) output.say(pc.dim(reason));
  output.say(summary(result, about));
  if (!dryRun && git.state === 'skipped' && answers.git) {
    output.say(`No git repository was made: ${git.reason}.`);
  }
  const problem = failureOf(result);
  if (!dryRun) sayNext(next, output);
  if (problem === undefined) {
    output.result(json);
    return;
  }
  output.failure(problem, json);
  process.exitCode = problem.exitCode;
}

function summary({ folder, files, features, answers }: CreateResult, about: Circumstances): string {
  const what = features.length === 0 ? answers.tier : `${answers.tier} with ${features.join(', ')}`;
  const way = path.relative(about.cwd, folder);
  const place = way.startsWith('..') || path.isAbsolute(way) ? folder : way;
  return about.dryRun
    ? `${answers.name} (${what}) would have ${files.length} files in ${place}. Nothing was written.`
    : `${pc.green('✔')} ${pc.bold(answers.name)} (${what}): ${files.length} files in ${place}, in ${seconds(about.milliseconds)}.`;
}

function sayNext(commands: readonly string[], output: Output): void {
  output.say();
  output.say('Next:');
  for (const command of commands) output.say(`  ${pc.cyan(command)}`);
}

/** The way from where the user stands to a running backend. */
function nextCommands(result: CreateResult, cwd: string): string[] {
  const { folder, install, answers, migrations } = result;
  const way = path.relative(cwd, folder);
  const { packageManager } = answers;
  const run = scriptRunner(packageManager);
  return [
    `cd ${/[^\w./\\:-]/.test(way) ? JSON.stringify(way) : way}`,
    ...(install.state === 'done' ? [] : installCommands(packageManager)),
    ...(answers.domains.length > 0 && migrations.length === 0 ? [`${run} db:generate`] : []),
    `${run} dev`,
  ];
}

function failureOf({ install, git, folder }: CreateResult): Problem | undefined {
  if (install.state === 'failed') {
    return new Problem(
      exitCodes.unexpected,
      'install-failed',
      `The install failed (${install.reason}): the project is whole; go on in ${folder} with ${install.retry}.`,
    );
  }
  if (git.state === 'failed') {
    return new Problem(
      exitCodes.unexpected,
      'git-failed',
      `Git failed (${git.reason}): the project is whole; go on in ${folder} with git init and git commit.`,
    );
  }
  return undefined;
}
