import { catalog, offeredIn, type Tier } from '../catalog/features.ts';

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
