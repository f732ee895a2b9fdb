import { badInput } from '../problem.ts';
import { catalog, type Feature, offeredIn } from './features.ts';
import type { ProjectAnswers } from './answers.ts';
import { isSameReason, type Reason } from './reason.ts';

export interface Resolved {
  /** The features that are there, in catalog order. */
  readonly features: readonly string[];
  /** One for each that is there, or not, for another's sake. */
  readonly reasons: readonly Reason[];
}

type Choice = Pick<ProjectAnswers, 'tier' | 'features' | 'without'>;

/**
 * The features that the answers come to: the tier's, those named, those that one of these needs,
 * less those left out.
 *
 * @throws Problem (exit code 2) for answers that contradict each other, naming both flags
 */
export function resolve(answers: Choice, features: readonly Feature[] = catalog): Resolved {
  refuseContradictions(answers, features);
  const offered = offeredIn(features);
  const left = new Set(answers.without);
  const reasons: Reason[] = [];
  const present = new Set(answers.features);

  for (const feature of offered) {
    if (!feature.tiers.includes(answers.tier) || left.has(feature.name)) continue;
    const missing = requirementsOf(feature.name, features).find((name) => left.has(name));
    if (missing === undefined) present.add(feature.name);
    else if (!present.has(feature.name)) {
      reasons.push({ feature: feature.name, outcome: 'left out', cause: missing });
    }
  }
  for (const feature of offered) {
    if (!present.has(feature.name)) continue;
    for (const need of requirementsOf(feature.name, features)) {
      if (present.has(need)) continue;
      present.add(need);
      reasons.push({ feature: need, outcome: 'added', cause: feature.name });
    }
  }
  return {
    features: offered.map((feature) => feature.name).filter((name) => present.has(name)),
    reasons,
  };
}

/** Why features come or go that nobody named, from the answers of a project to those that it gets. */
export function reasonsBetween(
  before: Choice,
  after: Choice,
  features: readonly Feature[] = catalog,
): Reason[] {
  const [old, now] = [resolve(before, features), resolve(after, features)];
  const come = now.reasons.filter((one) => !old.reasons.some((other) => isSameReason(one, other)));
  const gone = old.reasons
    .filter(({ feature, outcome }) => outcome === 'added' && !now.features.includes(feature))
    .map(({ feature, cause }): Reason => ({ feature, outcome: 'removed', cause }));
  return [...come, ...gone];
}

/** The features that a tier has of itself, in catalog order. */
export function presetOf(tier: Choice['tier'], features: readonly Feature[] = catalog): string[] {
  return offeredIn(features)
    .filter((feature) => feature.tiers.includes(tier))
    .map((feature) => feature.name);
}

function refuseContradictions(answers: Choice, features: readonly Feature[]): void {
  const both = answers.features.find((name) => answers.without.includes(name));
  if (both !== undefined) {
    throw badInput(`${both} is named by both --features and --without: it is there or it is not`);
  }
  for (const name of answers.features) {
    const need = requirementsOf(name, features).find((other) => answers.without.includes(other));
    if (need === undefined) continue;
    throw badInput(`--features ${name} needs ${need}, which --without ${need} leaves out`);
  }
}

/** All that a feature needs, and what these need. */
export function requirementsOf(name: string, features: readonly Feature[]): string[] {
  const direct = features.find((feature) => feature.name === name)?.requires ?? [];
  return [...new Set(direct.flatMap((need) => [need, ...requirementsOf(need, features)]))];
}
