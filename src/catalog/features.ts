// The catalog: every feature there is, in the order in which layers are laid and lists are shown.

export const tiers = ['starter', 'professional'] as const;

export type Tier = (typeof tiers)[number];

export const tierHints: Record<Tier, string> = {
  starter: 'one process and its database',
  professional: 'what a service needs when it grows: more of the catalog from the first day',
};

export interface Feature {
  readonly name: string;
  /** What it gives, in a few words. */
  readonly hint: string;
  /** The tiers that have it by default; any feature can be had in any tier. */
  readonly tiers: readonly Tier[];
  /** The features that it cannot work without. */
  readonly requires: readonly string[];
  /** Whether this version has its templates; one that is not offered cannot be named. */
  readonly offered: boolean;
}

const everyTier: readonly Tier[] = tiers;
const professional: readonly Tier[] = ['professional'];

export const catalog: readonly Feature[] = [
  feature('billing', 'Stripe plans, subscriptions and webhooks', everyTier, { offered: true }),
  feature('admin', 'an admin area with an audit trail', everyTier, { offered: true }),
  feature('redis', 'a Redis client, cache and sessions', professional, { offered: true }),
  feature('queues', 'background jobs and schedules', professional, {
    requires: ['redis'],
    offered: true,
  }),
  feature('rate-limit', 'limits by plan and by route', professional, { offered: true }),
  feature('email', 'mail templates, delivery and bounces', professional, { offered: true }),
  feature('tenancy', 'organizations, members, roles and invitations', professional, {
    offered: true,
  }),
  feature('deploy', 'to your own server, Docker or Kubernetes, without downtime', professional, {
    offered: true,
  }),
  feature('ci', 'GitHub Actions: lint, types and tests on a database', professional, {
    offered: true,
  }),
];

/** The features that this version can lay, in catalog order. */
export function offeredIn(features: readonly Feature[]): Feature[] {
  return features.filter((entry) => entry.offered);
}

function feature(
  name: string,
  hint: string,
  defaultIn: readonly Tier[],
  rest: Partial<Pick<Feature, 'requires' | 'offered'>> = {},
): Feature {
  return { name, hint, tiers: defaultIn, requires: [], offered: false, ...rest };
}
