import * as clack from '@clack/prompts';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { deploymentOf } from '../catalog/deploy/deployment.ts';
import {
  aboutTargets,
  databasePlaces,
  type Setting,
  type Target,
  targets,
} from '../catalog/deploy/targets.ts';
import { deployQuestions } from '../catalog/questions.ts';
import {
  type DeployFlags,
  openQuestions,
  refuseFlags,
  refuseSetting,
} from '../commands/deploy-config.ts';
import { chosen, type Terminal } from './terminal.ts';

/**
 * Asks where a project is deployed to, and what is still open about that.
 *
 * @throws Problem with exit code 2, before the next question, for a flag that cannot be; with 130
 *   when the user leaves
 */
export async function askTarget(
  answers: ProjectAnswers,
  given: Target | undefined,
  flags: DeployFlags,
  terminal: Terminal = {},
): Promise<{ target: Target; flags: DeployFlags }> {
  refuseFlags(given, flags);
  const target = given ?? (await askWhere(terminal));
  refuseFlags(target, flags);
  const current: Partial<Record<'domain' | Setting, string>> = { ...flags };
  for (const name of openQuestions(answers, target, flags)) {
    current[name] = await askSetting(name, defaultOf(name, target, answers), terminal);
  }
  return { target, flags: current };
}

async function askWhere(terminal: Terminal): Promise<Target> {
  const options = targets.map((value) => ({ value, hint: aboutTargets[value].hint }));
  const { label: message } = deployQuestions.target;
  return chosen<Target>(await clack.select({ message, options, ...terminal }));
}

async function askSetting(
  name: 'domain' | Setting,
  initialValue: string,
  terminal: Terminal,
): Promise<string> {
  const { label, hint } = deployQuestions[name];
  if (name === 'db') {
    const options = databasePlaces.map((value) => ({ value }));
    return chosen<string>(await clack.select({ message: label, options, ...terminal }));
  }
  const message = `${label}: ${hint}`;
  const validate = (value: string | undefined) => refuseSetting(name, value ?? '');
  return chosen(await clack.text({ message, initialValue, validate, ...terminal }));
}

/** What stands there to be taken; nothing where nobody can guess it. */
function defaultOf(
  name: 'domain' | Setting,
  target: Target,
  { name: project }: ProjectAnswers,
): string {
  const { image, vps } = deploymentOf(project);
  if (name === 'domain' || (name === 'image' && target === 'kubernetes')) return '';
  return name === 'image' ? image.name : String(vps?.[name] ?? '');
}
