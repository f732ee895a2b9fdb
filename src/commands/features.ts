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

/** The tables that these features bring. */
export function tablesOfFeatures(
  names: readonly string[],
  templates: Pick<Templates, 'features'>,
): string[] {
  const files = names.flatMap((name) => [...(templates.features.get(name)?.files ?? [])]);
  return files.flatMap(([path, file]) =>
    path.startsWith('src/') && typeof file === 'string' ? tablesIn(file) : [],
  );
}
