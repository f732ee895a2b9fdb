import { join } from 'node:path';
import type { ProjectAnswers } from '../../../src/catalog/answers.ts';
import { catalog, offeredIn, tiers } from '../../../src/catalog/features.ts';
import { packageManagers } from '../../../src/catalog/questions.ts';
import { presetOf, requirementsOf } from '../../../src/catalog/resolve.ts';
import { render } from '../../../src/render/render.ts';
import type { Tree } from '../../../src/render/tree.ts';
import { templatesFrom } from '../../../src/templates/compile.ts';
import { countOf, seed } from '../../../scripts/lib/counts.ts';
import { randomFrom } from '../../../scripts/lib/random.ts';
import { root } from '../../../scripts/lib/root.ts';

/** The templates of this repository, compiled here and now. */
export const templates = templatesFrom(join(root, 'templates'));

/** A name of each width that may matter: the shortest, a usual one, the longest. */
export const names = ['a', 'my-app', 'a-name-as-long-as-it-can'] as const;

/**
 * Combinations of tier, features and package manager: without a feature, with all of them, with each
 * alone and with all but each, and with as many other sets as SUBSETS says, drawn by the run's seed.
 */
export function combinations(name: string): ProjectAnswers[] {
  return tiers.flatMap((tier) =>
    packageManagers.flatMap((packageManager) =>
      featureSets().map((chosen) => ({
        name,
        tier,
        packageManager,
        features: chosen.filter((feature) => !presetOf(tier).includes(feature)),
        without: presetOf(tier).filter((feature) => !chosen.includes(feature)),
        domains: [],
      })),
    ),
  );
}

/**
 * The combinations that are looked at under a name. Its width matters to the same lines in each of
 * them: the quick run sees them all under one name, and the richest and the smallest under the others.
 */
export function combinationsSeen(name: string): ProjectAnswers[] {
  if (countOf('FULL') > 0 || name === names[1]) {
    return [...combinations(name), ...deployments(name)];
  }
  return [richest(name), smallest(name)];
}

/** Each target alone and all of them, with and without what else runs there, or is kept elsewhere. */
export function deployments(name: string): ProjectAnswers[] {
  const domain = 'app.example.com';
  const targets = [
    { domain },
    { domain, docker: {} },
    { domain, docker: { instances: 1, db: 'managed' as const } },
    { domain, kubernetes: {} },
    allTargets,
  ];
  return targets.flatMap((deploy) =>
    [[], ['redis'], offeredIn(catalog).map((feature) => feature.name)].flatMap((some) =>
      packageManagers.map((packageManager) => {
        const features = ['deploy', ...some.filter((feature) => feature !== 'deploy')];
        return { ...smallest(name), features, without: [], deploy, packageManager };
      }),
    ),
  );
}

/** Every target beside the others. */
export const allTargets = {
  domain: 'app.example.com',
  image: { name: 'registry.example.com/team/app' },
  vps: {},
  docker: {},
  kubernetes: {},
};

/** The project with everything in it. */
export function richest(name: string): ProjectAnswers {
  const features = offeredIn(catalog).map((feature) => feature.name);
  return {
    name,
    tier: 'professional',
    features,
    without: [],
    domains: [],
    deploy: allTargets,
    packageManager: 'npm',
  };
}

/** The project with nothing more than the base. */
export function smallest(name: string): ProjectAnswers {
  const { deploy: _, ...rest } = richest(name);
  return { ...rest, tier: 'starter', features: [], without: presetOf('starter') };
}

export function rendered(answers: ProjectAnswers): Tree {
  return render(answers, templates, { version: '0.0.0' });
}

function featureSets(): string[][] {
  const offered = offeredIn(catalog).map((feature) => feature.name);
  const random = randomFrom(seed());
  const drawn = Array.from({ length: countOf('SUBSETS') }, () =>
    offered.filter(() => random() < 0.5),
  );
  const sets = [
    [],
    offered,
    ...offered.map((one) => [one]),
    ...offered.map((one) => offered.filter((other) => !isOrNeeds(other, one))),
    ...drawn,
  ];
  const whole = sets.map((some) => offered.filter((one) => some.some((it) => isOrNeeds(it, one))));
  return [...new Map(whole.map((some) => [some.join(), some])).values()];
}

function isOrNeeds(feature: string, other: string): boolean {
  return feature === other || requirementsOf(feature, catalog).includes(other);
}
