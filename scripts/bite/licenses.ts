// The guards of licenses.
import type { Guard } from './guards.ts';

const licenses = 'src/domains/licenses';
const tests = 'test/licenses';

export const licenseGuards: readonly Guard[] = [
  {
    name: 'an organization is locked while what it is licensed to changes',
    file: `${licenses}/account-lock.ts`,
    find: ".where(eq(organizations.accountId, accountId))\n    .for('update');",
    replace: '.where(eq(organizations.accountId, accountId));',
    test: `${tests}/seats.test.ts`,
    title: 'who revokes seats waits',
  },
  {
    name: 'an account is locked while a grant of it is revoked',
    file: `${licenses}/account-lock.ts`,
    find: ".where(eq(accounts.id, accountId))\n    .for('update');",
    replace: '.where(eq(accounts.id, accountId));',
    test: `${tests}/licenses.test.ts`,
    title: 'of twenty who revoke the same grant of',
  },
  {
    name: 'a grant that was revoked counts no more',
    file: `${licenses}/grants.ts`,
    find: 'and(isNull(licenseGrants.revokedAt), notExpired)',
    replace: 'and(notExpired)',
    test: `${tests}/licenses.test.ts`,
    title: 'a grant counts until',
  },
  {
    name: 'a grant ends by the clock of the database',
    file: `${licenses}/grants.ts`,
    find: 'gt(licenseGrants.expiresAt, now)',
    replace: 'gt(licenseGrants.expiresAt, new Date())',
    test: `${tests}/licenses.test.ts`,
    title: 'a grant counts until',
  },
  {
    name: 'a grant is that of its account',
    file: `${licenses}/grants.ts`,
    find: 'and(eq(licenseGrants.accountId, accountId), condition)',
    replace: 'and(accountId ? condition : undefined)',
    test: `${tests}/licenses.test.ts`,
    title: 'nobody has what another account was granted',
  },
  {
    name: 'a route asks for the entitlement that it takes',
    file: 'src/domains/organizations/access/member-auth.ts',
    find: '      if (entitlement !== undefined) await licenses.require(identity.accountId, entitlement);\n',
    replace: '',
    test: `${tests}/route-entitlement.test.ts`,
    title: 'it is for accounts whose license includes that',
  },
  {
    name: 'billing judges features by the license',
    file: 'src/domains/billing/organizations/licensed-billing.ts',
    find: 'features: license.entitlements',
    replace: 'features: holding.features',
    test: 'test/billing/licenses.test.ts',
    title: 'a feature that is granted',
  },
  {
    name: 'of seats the most count',
    file: `${licenses}/license.ts`,
    find: 'Math.max(least, plan?.seats ?? 0, ...given)',
    replace: 'given.at(-1) ?? Math.max(least, plan?.seats ?? 0)',
    test: `${tests}/licenses.test.ts`,
    title: 'grants add up',
  },
];
