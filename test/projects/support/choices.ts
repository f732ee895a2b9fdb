import { nameLimit } from '../../../src/catalog/name.ts';
import { countOf } from '../../../scripts/lib/counts.ts';
import { offeredFeatures, richest, starter, type Choice } from '../../../scripts/lib/generate.ts';
import { pairwise, type Row } from './pairwise.ts';

export interface NamedChoice extends Choice {
  name: string;
}

const longestName = 'a-name-of-the-most-chars'.slice(0, nameLimit);

export const plain: NamedChoice = { name: 'my-app', ...starter() };

/**
 * For tests of what every project has: in the quick run without a feature, whose own tests and start
 * would take half of the time.
 */
export const subject: NamedChoice =
  countOf('FULL') > 0 ? plain : { name: 'my-app', ...starter(), features: [] };

export const everything: NamedChoice = { name: 'my-app', ...richest() };

/**
 * The projects that are really made: the richest, the Starter, and then as many as cover every pair
 * of tier, feature, package manager and length of name. It grows with the catalog by itself.
 *
 * @param limit how many at most
 */
export function choices(limit: number): NamedChoice[] {
  const features = offeredFeatures();
  const parameters = {
    tier: ['starter', 'professional'],
    packageManager: ['npm', 'pnpm'],
    name: ['a', 'my-app', longestName],
    ...Object.fromEntries(features.map((feature) => [feature, ['with', 'without']])),
  };
  const rows = pairwise(parameters, [rowOf(everything, features), rowOf(plain, features)]);
  const others = rows.slice(2).map((row) => choiceOf(row, features));
  return [everything, plain, ...others].slice(0, limit);
}

function rowOf({ name, tier, packageManager, features }: NamedChoice, all: readonly string[]): Row {
  const row: Row = { name, tier, packageManager };
  for (const feature of all) row[feature] = features.includes(feature) ? 'with' : 'without';
  return row;
}

function choiceOf(row: Row, all: readonly string[]): NamedChoice {
  return {
    name: row['name'] ?? 'my-app',
    tier: row['tier'] === 'professional' ? 'professional' : 'starter',
    packageManager: row['packageManager'] === 'pnpm' ? 'pnpm' : 'npm',
    features: all.filter((feature) => row[feature] === 'with'),
  };
}
