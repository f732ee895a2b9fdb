import path from 'node:path';
import pc from 'picocolors';
import type { ProjectAnswers } from '../catalog/answers.ts';
import type { Target } from '../catalog/deploy/targets.ts';
import { deployQuestions } from '../catalog/questions.ts';
import { resolve } from '../catalog/resolve.ts';
import { checklistOf } from '../commands/checklist.ts';
import {
  answersWithoutTarget,
  answersWithTarget,
  deployCommand,
  type DeployFlags,
  openQuestions,
  parseTarget,
  saysSettings,
} from '../commands/deploy-config.ts';
import { badInput } from '../problem.ts';
import { findProject } from '../project/find.ts';
import { recoverAround } from '../project/open.ts';
import { render } from '../render/render.ts';
import { loadTemplates } from '../templates/load.ts';
import type { DeployConfigFlags } from './commands/deploy-config.ts';
import { Output } from './output.ts';
import { runChange } from './run-change.ts';
import type { Session } from './session.ts';

/** Gives the project around the user a target, changes its settings, or takes it out again. */
export async function runDeployConfig(flags: DeployConfigFlags, session: Session): Promise<void> {
  const output = new Output(flags.json === true);
  if (flags.remove === true && (flags.printChecklist === true || saysSettings(flags))) {
    throw badInput('--remove goes with --target alone.', 'remove-alone');
  }
  const isAsked = flags.yes !== true && flags.remove !== true && flags.printChecklist !== true;
  const asks = isAsked && output.interactive;
  if (flags.target === undefined && !asks) throw missing(['--target']);
  let target = flags.target === undefined ? undefined : parseTarget(flags.target);
  if (flags.printChecklist === true && target !== undefined) {
    await printChecklist(target, flags, session);
    return;
  }
  const written = await runChange(flags, session, async ({ manifest: { answers } }) => {
    if (flags.remove === true && target !== undefined) return removal(answers, target);
    const wanted = asks
      ? await (await import('./prompts-deploy.ts')).askTarget(answers, target, flags)
      : { target: target ?? 'vps', flags };
    target = wanted.target;
    return addition(answers, wanted.target, wanted.flags);
  });
  if (!written || flags.remove === true || target === undefined) return;
  output.say(`Next: the checklist in ${pc.cyan(`deploy/${target}/README.md`)}`);
}

function removal(answers: ProjectAnswers, target: Target) {
  return {
    answers: answersWithoutTarget(answers, target),
    command: `deploy-config --target ${target} --remove`,
    migration: `remove_${target}`,
  };
}

function addition(answers: ProjectAnswers, target: Target, flags: DeployFlags) {
  const next = answersWithTarget(answers, target, flags);
  refuseOpen(answers, target, flags);
  const isNew = !resolve(answers).features.includes('deploy');
  return {
    answers: next,
    command: deployCommand(target, flags),
    migration: `deploy_${target}`,
    ...(isNew && {
      reasons: [{ feature: 'deploy', outcome: 'added', cause: 'deploy-config' } as const],
    }),
  };
}

function refuseOpen(answers: ProjectAnswers, target: Target, flags: DeployFlags): void {
  const open = openQuestions(answers, target, flags, true);
  if (open.length > 0) throw missing(open.map((name) => deployQuestions[name].flag));
}

function missing(flags: readonly string[]) {
  return badInput(
    `Nothing can be asked here, so these must be given: ${flags.join(', ')}.`,
    'missing-answer',
  );
}

/** Nothing is asked for it: what is not known has its default; on a server the domain too. */
async function printChecklist(
  target: Target,
  flags: DeployConfigFlags,
  { cwd, version }: Session,
): Promise<void> {
  const output = new Output(flags.json === true);
  const at = path.resolve(cwd, flags.cwd ?? '.');
  await recoverAround(at, output.tell);
  const { manifest } = findProject(at, version);
  const answers = answersWithTarget(manifest.answers, target, flags);
  if (target !== 'vps') refuseOpen(manifest.answers, target, flags);
  const checklist = checklistOf(render(answers, loadTemplates(), { version }), target);
  output.result({ target, checklist });
  for (const [index, { text, commands }] of checklist.entries()) {
    output.say(`${pc.bold(`${index + 1}.`)} ${text}`);
    for (const command of commands) output.say(`     ${pc.cyan(command)}`);
  }
}
