import { join } from 'node:path';
import type { ProjectAnswers } from '../../../src/catalog/answers.ts';
import { catalog, offeredIn, tiers } from '../../../src/catalog/features.ts';
import { packageManagers } from '../../../src/catalog/questions.ts';
import { presetOf, resolve } from '../../../src/catalog/resolve.ts';
import { render } from '../../../src/render/render.ts';
import type { Tree } from '../../../src/render/tree.ts';
import { templatesFrom } from '../../../src/templates/compile.ts';
import { root } from '../../../scripts/lib/root.ts';

/** The templates of this repository, compiled here and now. */
export const templates = templatesFrom(join(root, 'templates'));

/** A name of each width that may matter: the shortest, a usual one, the longest. */
export const names = ['a', 'my-app', 'a-name-as-long-as-it-can'] as const;

/** Every combination of tier, features and package manager that is allowed. */
export function combinations(name: string): ProjectAnswers[] {
  const offered = offeredIn(catalog).map((feature) => feature.name);
  const every = tiers.flatMap((tier) =>
    packageManagers.flatMap((packageManager) =>
      subsets(offered).map((chosen) => ({
        name,
        tier,
        packageManager,
        features: chosen.filter((feature) => !presetOf(tier).includes(feature)),
        without: presetOf(tier).filter((feature) => !chosen.includes(feature)),
        domains: [],
      })),
    ),
  );
  return every.filter((answers) => fits(answers));
}

/** The project with everything in it. */
export function richest(name: string): ProjectAnswers {
  const features = offeredIn(catalog).map((feature) => feature.name);
  return {
    name,
    tier: 'professional',
    features,
    without: [],
    domains: [],
    packageManager: 'npm',
  };
}

export function rendered(answers: ProjectAnswers): Tree {
  return render(answers, templates, { version: '0.0.0' });
}

function fits(answers: ProjectAnswers): boolean {
  const wanted = new Set([...presetOf(answers.tier), ...answers.features]);
  for (const name of answers.without) wanted.delete(name);
  try {
    return resolve(answers).features.length === wanted.size;
  } catch (error) {
    if (error instanceof Error && error.name === 'Problem') return false;
    throw error;
  }
}

function subsets(items: readonly string[]): string[][] {
  return items.reduce<string[][]>(
    (found, item) => found.flatMap((subset) => [subset, [...subset, item]]),
    [[]],
  );
}
