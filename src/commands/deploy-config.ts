import type { ProjectAnswers } from '../catalog/answers.ts';
import { targetsOf } from '../catalog/deploy/deployment.ts';
import { type DeployAnswers, deploySchema, refuseTarget } from '../catalog/deploy/schema.ts';
import { aboutTargets, type Setting, type Target, targets } from '../catalog/deploy/targets.ts';
import { deployQuestions } from '../catalog/questions.ts';
import { resolve } from '../catalog/resolve.ts';
import { badInput } from '../problem.ts';
import { answersWith } from './add.ts';

/** What was said about a target, each as it was typed. */
export type DeployFlags = Readonly<Partial<Record<Question, string>>>;

type Question = 'domain' | Setting;

const questions = [
  ...new Set(targets.flatMap((target) => ['domain', ...aboutTargets[target].settings] as const)),
];

/** Whether anything was said about a target. */
export function saysSettings(flags: DeployFlags): boolean {
  return questions.some((name) => flags[name] !== undefined);
}

/** @throws Problem (exit code 2) that names those there are */
export function parseTarget(given: string): Target {
  const target = targets.find((one) => one === given);
  if (target !== undefined) return target;
  throw badInput(`--target: ${refuseTarget(given)}`, 'no-target');
}

/** The questions about a target, in the order in which they are asked. */
export function questionsOf(target: Target): readonly Question[] {
  return ['domain', ...aboutTargets[target].settings];
}

/**
 * Questions about a target that neither the project nor the flags answer.
 *
 * @param needed only those that have no default
 */
export function openQuestions(
  { deploy }: Pick<ProjectAnswers, 'deploy'>,
  target: Target,
  flags: DeployFlags,
  needed = false,
): readonly Question[] {
  const known = knownAbout(deploy, target);
  const open = questionsOf(target).filter(
    (name) => flags[name] === undefined && known[name] === undefined,
  );
  // A cluster has its image from a registry, whose name nobody can guess.
  const without = target === 'kubernetes' ? ['domain', 'image'] : ['domain'];
  return needed ? open.filter((name) => without.includes(name)) : open;
}

/** What the project's answers say about a target. */
export function knownAbout(
  deploy: DeployAnswers | undefined,
  target: Target,
): Readonly<Partial<Record<Question, string | number | undefined>>> {
  const image = { image: deploy?.image?.name, node: deploy?.image?.node };
  return {
    domain: deploy?.domain,
    ...(target !== 'vps' && image),
    ...deploy?.[target],
  };
}

/**
 * What a flag says, as far as it can be.
 *
 * @returns why it cannot be, as a sentence, or nothing
 */
export function refuseSetting(name: Question, value: string): string | undefined {
  const target = name === 'image' ? 'docker' : 'vps';
  const { error } = deploySchema.safeParse(fragmentOf(target, { [name]: value }));
  return error?.issues[0]?.message;
}

/**
 * Looks at what was given before anything is asked.
 *
 * @param target nothing while it is still to be asked for
 * @throws Problem (exit code 2) that names each flag of what cannot be
 */
export function refuseFlags(target: Target | undefined, flags: DeployFlags): void {
  if (target !== undefined) refuseForeign(target, flags);
  const sentences = questions.flatMap((name) => {
    const value = flags[name];
    const reason = value === undefined ? undefined : refuseSetting(name, value);
    return reason === undefined ? [] : [`${deployQuestions[name].flag}: ${reason}`];
  });
  if (sentences.length > 0) throw badInput(sentences.join('; '));
}

/**
 * The answers with a target that is there, or that has other settings; with the feature `deploy`.
 *
 * @throws Problem (exit code 2) that names the flag of what cannot be
 */
export function answersWithTarget(
  answers: ProjectAnswers,
  target: Target,
  flags: DeployFlags,
): ProjectAnswers {
  refuseFlags(target, flags);
  const given = deploySchema.parse(fragmentOf(target, flags));
  const { deploy = {} } = answers;
  const { domain, image } = given;
  const next = {
    domain: domain ?? deploy.domain,
    image: image === undefined ? deploy.image : { ...deploy.image, ...image },
    vps: deploy.vps,
    docker: deploy.docker,
    kubernetes: deploy.kubernetes,
    [target]: { ...deploy[target], ...given[target] },
  };
  const present = resolve(answers).features.includes('deploy');
  const base = present ? answers : answersWith(answers, { features: ['deploy'] });
  // In the order of the schema, so that the same settings are the same bytes.
  return { ...base, deploy: deploySchema.parse(dropUndefined(next)) };
}

/**
 * The answers without a target.
 *
 * @throws Problem (exit code 2) where it is not there, or where it is the only one
 */
export function answersWithoutTarget(answers: ProjectAnswers, target: Target): ProjectAnswers {
  const present = resolve(answers).features.includes('deploy') ? targetsOf(answers.deploy) : [];
  if (!present.includes(target)) {
    const there = present.length === 0 ? 'there is none' : `there is ${present.join(', ')}`;
    throw badInput(`The project has no target ${target} (${there}).`, 'no-target');
  }
  if (present.length === 1) {
    throw badInput(
      `${target} is the only target of the project: shipkit remove deploy takes it out with all of deploy/.`,
      'only-target',
    );
  }
  const { [target]: _, image, ...rest } = answers.deploy ?? {};
  const runsImage = present.some((one) => one !== 'vps' && one !== target);
  return {
    ...answers,
    deploy: deploySchema.parse({ ...rest, ...(runsImage && image && { image }) }),
  };
}

/** How the command is typed, so that it can be given again. */
export function deployCommand(target: Target, flags: DeployFlags): string {
  const given = questionsOf(target).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [deployQuestions[name].flag, value];
  });
  return ['deploy-config', deployQuestions.target.flag, target, ...given].join(' ');
}

function fragmentOf(target: Target, flags: DeployFlags): unknown {
  const { domain, user, path, image, instances, node, db } = flags;
  const count = instances === undefined || !/^\d+$/.test(instances) ? instances : Number(instances);
  const own = dropUndefined({ user, path, instances: count, db });
  if (target === 'vps') return dropUndefined({ domain, vps: dropUndefined({ ...own, node }) });
  const shared = dropUndefined({ name: image, node });
  return dropUndefined({
    domain,
    image: Object.keys(shared).length === 0 ? undefined : shared,
    [target]: own,
  });
}

function refuseForeign(target: Target, flags: DeployFlags): void {
  const own = questionsOf(target);
  const foreign = questions.find((name) => flags[name] !== undefined && !own.includes(name));
  if (foreign === undefined) return;
  throw badInput(
    `${deployQuestions[foreign].flag} is nothing that ${target} has: it has ${own.map((name) => deployQuestions[name].flag).join(', ')}.`,
    'foreign-setting',
  );
}

function dropUndefined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}
