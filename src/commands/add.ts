import type { ProjectAnswers } from '../catalog/answers.ts';
import { catalog, type Feature, offeredIn, type Tier, tiers } from '../catalog/features.ts';
import { suggestion } from '../catalog/nearest.ts';
import { presetOf, requirementsOf, resolve } from '../catalog/resolve.ts';
import { badInput } from '../problem.ts';

export interface Addition {
  readonly features: readonly string[];
  readonly tier?: string | undefined;
}

/**
 * The answers with features, or those of a tier, more; nothing goes by it. Explicit choices only:
 * what a feature needs is no choice, unless it had been left out, which it no longer is.
 *
 * @throws Problem (exit code 2) for what cannot be had, and why
 */
export function answersWith(
  answers: ProjectAnswers,
  { features, tier }: Addition,
  all: readonly Feature[] = catalog,
): ProjectAnswers {
  for (const name of features) requireOffered(name, all);
  const next = tier === undefined ? answers.tier : parseTier(tier);
  const wanted = new Set(features.flatMap((name) => [name, ...requirementsOf(name, all)]));
  const preset = presetOf(next, all);
  const chosen = new Set([...chosenIn(answers, all), ...features]);
  const without = answers.without.filter(
    (name) => !wanted.has(name) && (next === answers.tier || preset.includes(name)),
  );
  const ordered = offeredIn(all).map(({ name }) => name);
  const kept = ordered.filter((name) => chosen.has(name) && !preset.includes(name));
  return { ...answers, tier: next, features: kept, without };
}

/**
 * The answers with features less.
 *
 * @throws Problem (exit code 2) for an unknown feature, and for one that another one needs which
 *   stays: it names both
 */
export function answersWithout(
  answers: ProjectAnswers,
  names: readonly string[],
  all: readonly Feature[] = catalog,
): ProjectAnswers {
  for (const name of names) requireOffered(name, all);
  const { features: present } = resolve(answers, all);
  const going = new Set(names.filter((name) => present.includes(name)));
  for (const stays of chosenIn(answers, all).filter((name) => !going.has(name))) {
    const need = requirementsOf(stays, all).find((name) => going.has(name));
    if (need === undefined) continue;
    throw badInput(
      `${need} cannot be removed, because ${stays} needs it: remove both, with shipkit remove ${stays} ${need}.`,
      'needed',
    );
  }
  const preset = presetOf(answers.tier, all);
  const ordered = offeredIn(all).map(({ name }) => name);
  const left = new Set([...answers.without, ...[...going].filter((name) => preset.includes(name))]);
  // The targets go with the feature.
  const { deploy, ...rest } = answers;
  return {
    ...rest,
    ...(deploy !== undefined && !going.has('deploy') && { deploy }),
    features: answers.features.filter((name) => !going.has(name)),
    without: ordered.filter((name) => left.has(name)),
  };
}

/** @throws Problem (exit code 2) unless this version has the feature */
export function requireOffered(name: string, all: readonly Feature[] = catalog): void {
  const feature = all.find((one) => one.name === name);
  if (feature?.offered === true) return;
  if (feature !== undefined) {
    throw badInput(
      `The feature ${name} is not available in this version of shipkit.`,
      'not-offered',
    );
  }
  const names = offeredIn(all).map((one) => one.name);
  const near = suggestion(name, names) || ` (there is ${names.join(', ')})`;
  throw badInput(`There is no feature "${name}"${near}.`.replace('?.', '?'), 'no-feature');
}

function parseTier(text: string): Tier {
  const tier = tiers.find((one) => one === text);
  if (tier !== undefined) return tier;
  throw badInput(`--tier: there is no tier "${text}": it is ${tiers.join(' or ')}.`);
}

/** What was asked for: by name, or with the tier. */
function chosenIn({ tier, features, without }: ProjectAnswers, all: readonly Feature[]): string[] {
  const preset = presetOf(tier, all).filter((name) => !without.includes(name));
  return [...preset, ...features];
}
