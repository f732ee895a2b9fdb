// What an account is licensed to: the one place where its plan and its grants come together.
import type { Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { OrganizationSettings } from '../organizations/settings.ts';
import { grantsInForce, type Grant } from './grants.ts';
import { planReaders } from './plan-readers.ts';

/** What an account has by its plan. */
export interface PlanShare {
  /** Its key. */
  readonly plan: string;
  /** Whether it is one that the account pays for or tries, and not what everybody has. */
  readonly isBought: boolean;
  /** `Infinity` where nothing limits them; nothing where plans do not say. */
  readonly seats: number | undefined;
  readonly entitlements: readonly string[];
}

export type ReadPlan = (queries: Queries | Transaction, accountId: string) => Promise<PlanShare>;

/** What is in force for an account. */
export interface License {
  /** `grant` where one is in force, beside a plan or not; `none` where it has what everybody has. */
  readonly source: 'plan' | 'grant' | 'none';
  /** The key of its plan, where there are plans. */
  readonly plan: string | undefined;
  /** For members and open invitations; `Infinity` where nothing limits them. */
  readonly seats: number;
  /** When the last of the grants ends; nothing where one has no end, or there is none. */
  readonly expiresAt: Date | undefined;
  readonly entitlements: readonly string[];
}

const [readPlan]: readonly ReadPlan[] = Object.values(planReaders);

/** Reads what is in force for an account, by the database's clock. */
export async function readLicense(
  queries: Queries | Transaction,
  settings: OrganizationSettings,
  accountId: string,
): Promise<License> {
  const plan = await readPlan?.(queries, accountId);
  return licenseOver(plan, queries, settings, accountId);
}

/** The same, where what the plan gives was read already. */
export async function licenseOver(
  plan: PlanShare | undefined,
  queries: Queries | Transaction,
  settings: OrganizationSettings,
  accountId: string,
): Promise<License> {
  return unite(settings, plan, await grantsInForce(queries, accountId));
}

/**
 * Grants add to the plan: an entitlement is there where any of them gives it, and of the seats the
 * most count. So nothing that is granted takes away what is paid for.
 */
export function unite(
  { ORGANIZATION_SEATS: seatsOfAll }: OrganizationSettings,
  plan: PlanShare | undefined,
  grants: readonly Pick<Grant, 'seats' | 'entitlements' | 'expiresAt'>[],
): License {
  // Where neither a plan nor a setting says how many, nothing limits them.
  const least = seatsOfAll ?? (plan?.seats === undefined ? Infinity : 0);
  const given = grants.map(({ seats }) => seats ?? 0);
  // What is paid for goes on when a grant ends.
  const isBought = plan?.isBought === true;
  const names = [plan?.entitlements ?? [], ...grants.map(({ entitlements }) => entitlements)];
  return {
    source: isBought ? 'plan' : grants.length > 0 ? 'grant' : 'none',
    plan: plan?.plan,
    seats: Math.max(least, plan?.seats ?? 0, ...given),
    expiresAt: isBought ? undefined : lastEnd(grants),
    entitlements: [...new Set(names.flat())],
  };
}

function lastEnd(grants: readonly Pick<Grant, 'expiresAt'>[]): Date | undefined {
  const ends = grants.map(({ expiresAt }) => expiresAt?.getTime() ?? Infinity);
  const last = Math.max(...ends);
  return Number.isFinite(last) ? new Date(last) : undefined;
}
