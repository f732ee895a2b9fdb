import type { Database, Queries } from '#app/database/database.ts';
import type { Transaction } from '#app/database/transaction.ts';
import type { OrganizationSettings } from '../organizations/settings.ts';
import type { Entitlement } from './entitlements.ts';
import { entitlementMissing, licenseRequired } from './errors.ts';
import { openGrants, type Grants } from './grants.ts';
import { licenseOver, readLicense, type License, type PlanShare } from './license.ts';

/** What accounts are licensed to. */
export interface Licenses {
  /** What is in force for an account now. */
  of(accountId: string): Promise<License>;
  /** The same, for who has read already what the plan of the account gives. */
  over(plan: PlanShare, queries: Queries | Transaction, accountId: string): Promise<License>;
  /** @throws entitlement_missing */
  require(accountId: string, entitlement: Entitlement): Promise<void>;
  /** @throws license_required where the account has neither bought a plan nor a grant in force */
  requireActive(accountId: string): Promise<void>;
  /**
   * The seats of an organization, whose row is locked: members, and invitations that are open.
   * `Infinity` where nothing limits them.
   *
   * @param tx the transaction that counts, and adds one
   */
  seatsFor(tx: Transaction, accountId: string): Promise<number>;
  readonly grants: Grants;
  close(): Promise<void>;
}

export async function openLicenses(deps: {
  settings: OrganizationSettings;
  database: Database;
}): Promise<Licenses> {
  const { settings, database } = deps;
  const read = (accountId: string, queries: Queries | Transaction = database.queries) =>
    readLicense(queries, settings, accountId);

  return {
    of: (accountId) => read(accountId),
    over: (plan, queries, accountId) => licenseOver(plan, queries, settings, accountId),

    async require(accountId, entitlement) {
      const { entitlements } = await read(accountId);
      if (entitlements.includes(entitlement)) return;
      throw entitlementMissing({ detail: `This takes ${entitlement}.` });
    },

    async requireActive(accountId) {
      const { source } = await read(accountId);
      if (source === 'none') throw licenseRequired();
    },

    seatsFor: async (tx, accountId) => (await read(accountId, tx)).seats,
    grants: openGrants(deps),
    close: async () => {},
  };
}
