import { catalog, offeredIn, type Tier } from '../catalog/features.ts';
import { tablesIn } from '../render/migration.ts';
import type { Templates } from '../render/templates.ts';

export interface FeatureRow {
  readonly name: string;
  readonly hint: string;
  /** The tiers that have it without being asked. */
  readonly defaultIn: readonly Tier[];
  readonly requires: readonly string[];
}

/** The features that this version can lay, in catalog order. */
export function features(): FeatureRow[] {
  return offeredIn(catalog).map(({ name, hint, tiers, requires }) => ({
    name,
    hint,
    defaultIn: tiers,
    requires,
  }));
}

/** The tables that these features bring, by themselves or where others are present or absent. */
export function tablesOfFeatures(
  names: readonly string[],
  { features: own, pairs }: Pick<Templates, 'features' | 'pairs'>,
): string[] {
  const layers = names.flatMap((name) => [
    ...[own.get(name)].filter((layer) => layer !== undefined),
    ...[...pairs].flatMap(([pair, layer]) => (pair.split('+').includes(name) ? [layer] : [])),
  ]);
  const files = layers.flatMap((layer) => [...layer.files]);
  return files.flatMap(([path, file]) =>
    path.startsWith('src/') && typeof file !== 'function' ? tablesIn(file) : [],
  );
}
