// What shipkit remembers of a project, after git merged two branches that each changed it.
import { isDeepStrictEqual } from 'node:util';
import type { ProjectAnswers } from '../catalog/answers.ts';
import { targets } from '../catalog/deploy/targets.ts';
import type { Domain } from '../catalog/domains/fields.ts';
import { formatFields } from '../catalog/domains/parse-fields.ts';
import type { Manifest } from './find.ts';

export interface Three {
  readonly common: ProjectAnswers | undefined;
  readonly ours: ProjectAnswers;
  readonly theirs: ProjectAnswers;
}

/**
 * The answers of two branches in one: what either added is there, what either took away is not. Where
 * nobody knows what both came from, nothing counts as taken away.
 */
export function mergeAnswers({ common, ours, theirs }: Three): ProjectAnswers {
  const pick = <K extends keyof ProjectAnswers>(key: K): ProjectAnswers[K] =>
    common !== undefined && JSON.stringify(ours[key]) === JSON.stringify(common[key])
      ? theirs[key]
      : ours[key];
  return {
    name: pick('name'),
    tier: pick('tier'),
    packageManager: pick('packageManager'),
    features: mergeNames(common?.features, ours.features, theirs.features),
    without: mergeNames(common?.without, ours.without, theirs.without),
    domains: mergeDomains({ common, ours, theirs }),
    ...mergeDeploy({ common, ours, theirs }),
  };
}

/** Each target, and each setting that they share, as the branch says that changed it. */
function mergeDeploy({ common, ours, theirs }: Three): Pick<ProjectAnswers, 'deploy'> {
  if (ours.deploy === undefined && theirs.deploy === undefined) return {};
  const keys = ['domain', 'image', ...targets] as const;
  const entries = keys.flatMap((key) => {
    const [was, mine, yours] = [common, ours, theirs].map((answers) => answers?.deploy?.[key]);
    const value = isDeepStrictEqual(mine, was) ? yours : mine;
    return value === undefined ? [] : [[key, value] as const];
  });
  return { deploy: Object.fromEntries(entries) };
}

function mergeNames<T extends string>(
  common: readonly T[] | undefined,
  ours: readonly T[],
  theirs: readonly T[],
): T[] {
  const all = [...new Set([...ours, ...theirs])];
  return all.filter((name) => isKept(name, common, [ours, theirs]));
}

export interface Clash {
  /** The name of the domain. */
  readonly name: string;
  /** Its fields on each branch, as a command takes them. */
  readonly ours: string;
  readonly theirs: string;
}

/** The domains that both branches have made, each with other fields: no side can be preferred. */
export function clashes({ common, ours, theirs }: Three): Clash[] {
  const [origin, other] = [fieldsIn(common), fieldsIn(theirs)];
  return [...fieldsIn(ours)].flatMap(([name, mine]) => {
    const yours = other.get(name);
    const isSettled = yours === undefined || [mine, origin.get(name)].includes(yours);
    if (isSettled || mine === origin.get(name)) return [];
    return [{ name, ours: mine, theirs: yours }];
  });
}

function fieldsIn(answers: ProjectAnswers | undefined): Map<string, string> {
  return new Map(answers?.domains.map(({ name, fields }) => [name, formatFields(fields)]));
}

/** Whether a domain has pages in the admin area: as the branch says that changed it. */
function mergePages({ name, fields }: Domain, { common, ours, theirs }: Three): Domain {
  const [was, mine, yours] = [common, ours, theirs].map(
    (answers) => answers?.domains.find((domain) => domain.name === name)?.admin,
  );
  const admin = mine === was ? yours : mine;
  return { name, fields, ...(admin === true && { admin }) };
}

function mergeDomains({ common, ours, theirs }: Three): ProjectAnswers['domains'] {
  const origin = fieldsIn(common);
  const isMade = ({ name, fields }: Domain) => origin.get(name) !== formatFields(fields);
  const sidesInOrder = [...theirs.domains, ...ours.domains];
  const all = new Map(
    [...sidesInOrder, ...sidesInOrder.filter(isMade)].map((one) => [one.name, one]),
  );
  const order = new Set([...ours.domains, ...theirs.domains].map(({ name }) => name));
  const sides = [namesIn(ours), namesIn(theirs)];
  return [...order]
    .filter((name) => isKept(name, common && namesIn(common), sides))
    .flatMap((name) => all.get(name) ?? [])
    .map((domain) => mergePages(domain, { common, ours, theirs }));
}

function namesIn({ domains }: ProjectAnswers): string[] {
  return domains.map(({ name }) => name);
}

function isKept(
  name: string,
  common: readonly string[] | undefined,
  sides: readonly (readonly string[])[],
): boolean {
  if (common?.includes(name) !== true) return true;
  return sides.every((side) => side.includes(name));
}

/** What both branches have, for want of what they came from. */
export function commonAnswers(ours: Manifest, theirs: Manifest): ProjectAnswers {
  const known = new Set(theirs.answers.domains.map((domain) => JSON.stringify(domain)));
  const { answers } = ours;
  return {
    ...answers,
    features: answers.features.filter((name) => theirs.answers.features.includes(name)),
    without: answers.without.filter((name) => theirs.answers.without.includes(name)),
    domains: answers.domains.filter((domain) => known.has(JSON.stringify(domain))),
  };
}
