// What an account is licensed to: by what was granted to it, as long as that counts.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { newId } from '#app/database/id.ts';
import { entitlementNames, type Entitlement } from '#app/domains/licenses/entitlements.ts';
import { entitlementMissing, grantEnded, licenseRequired } from '#app/domains/licenses/errors.ts';
import type { License } from '#app/domains/licenses/license.ts';
import { notFound, validationFailed } from '#app/http/errors.ts';
import { addPerson } from '../organizations/support/people.ts';
import { newOrganization } from '../organizations/support/organizations.ts';
import {
  endsIn,
  grantOf,
  granter,
  grantTo,
  licenseActs,
  reason,
  revokeFrom,
  useLicenses,
} from './support/licenses.ts';

const licenses = useLicenses({ ORGANIZATION_SEATS: '2' });

let accountId: string;
/** What every account has, whatever plans there are. */
let base: License;
beforeEach(async () => {
  accountId = (await newOrganization(licenses.service)).accountId;
  base = await inForce();
});
afterEach(() => void vi.useRealTimers());

const inForce = () => licenses.services.licenses.of(accountId);
const [name]: readonly Entitlement[] = entitlementNames;

test('an account to which nothing was granted has what everybody has', async () => {
  expect(base).toMatchObject({ source: 'none', seats: 2, expiresAt: undefined });
  await expect(licenses.services.licenses.requireActive(accountId)).rejects.toMatchObject({
    kind: licenseRequired,
  });
});

test('grants add up: of seats the most, of entitlements all, and the last end', async () => {
  const soon = new Date('2100-01-01T00:00:00.000Z');
  const late = new Date('2100-06-01T00:00:00.000Z');
  await grantTo(licenses, accountId, { seats: 7, expiresAt: soon });
  expect(await inForce()).toEqual({ ...base, source: 'grant', seats: 7, expiresAt: soon });
  await grantTo(licenses, accountId, { seats: 1, entitlements: entitlementNames, expiresAt: late });
  expect(await inForce()).toMatchObject({ seats: 7, expiresAt: late });
  expect(new Set((await inForce()).entitlements)).toEqual(new Set(entitlementNames));
  // Fewer than everybody has take none away.
  await grantTo(licenses, accountId, { seats: 1, replaces: true });
  expect(await inForce()).toEqual({ ...base, source: 'grant' });
});

test('a grant counts until it ends or is revoked, by the database’s clock', async () => {
  const revoked = await grantTo(licenses, accountId, { seats: 9 });
  await revokeFrom(licenses, accountId, revoked);
  expect(await inForce()).toEqual(base);

  const id = await grantTo(licenses, accountId, { seats: 9 });
  await endsIn(licenses, id, 3600);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 30 * 86_400_000 });
  expect((await inForce()).seats).toBe(9);
  await endsIn(licenses, id, -1);
  vi.setSystemTime(Date.now() - 60 * 86_400_000);
  expect(await inForce()).toEqual(base);
  expect((await grantOf(licenses, accountId, id))?.isInForce).toBe(false);
});

test.runIf(name)('what takes an entitlement or a license is refused without', async () => {
  const { services } = licenses;
  const lacking = { kind: entitlementMissing };
  if (name === undefined) return;
  await expect(services.licenses.require(accountId, name)).rejects.toMatchObject(lacking);
  const id = await grantTo(licenses, accountId, { entitlements: [name] });
  await services.licenses.require(accountId, name);
  await services.licenses.requireActive(accountId);
  await revokeFrom(licenses, accountId, id);
  await expect(services.licenses.require(accountId, name)).rejects.toMatchObject(lacking);
});

test('nobody has what another account was granted, or revokes it', async () => {
  const other = await newOrganization(licenses.service);
  const id = await grantTo(licenses, other.accountId, { seats: 9, entitlements: entitlementNames });
  expect(await inForce()).toEqual(base);
  expect(await grantOf(licenses, accountId, id)).toBeUndefined();
  await expect(revokeFrom(licenses, accountId, id)).rejects.toMatchObject({ kind: notFound });
  expect((await grantOf(licenses, other.accountId, id))?.isInForce).toBe(true);
});

test('members see the license of the account that their token is for', async () => {
  const { owner, ...organization } = await newOrganization(licenses.service);
  await grantTo(licenses, organization.accountId, {
    seats: 9,
    expiresAt: new Date('2100-01-01T00:00:00Z'),
  });
  const { status, body } = await owner.acting.get('/v1/license');
  expect([status, body]).toEqual([
    200,
    {
      source: 'grant',
      plan: base.plan ?? null,
      seats: 9,
      entitlements: base.entitlements,
      expiresAt: '2100-01-01T00:00:00.000Z',
    },
  ]);
  const { body: own } = await licenses.service.get('/v1/license', owner.authorization);
  expect(own).toMatchObject({ source: 'none', seats: 2, expiresAt: null });
});

test('a person’s own account can be granted something too', async () => {
  const person = await addPerson(licenses.service);
  await grantTo(licenses, person.homeId, { entitlements: entitlementNames });
  const { body } = await licenses.service.get('/v1/license', person.authorization);
  expect(new Set(body.entitlements)).toEqual(new Set(entitlementNames));
});

test('what cannot be granted leaves nothing behind', async () => {
  const kept = await grantTo(licenses, accountId, { seats: 5 });
  const over = { seats: 9, expiresAt: new Date(Date.now() - 60_000), replaces: true };
  await expect(grantTo(licenses, accountId, over)).rejects.toMatchObject({
    kind: validationFailed,
    details: { errors: [{ pointer: '#/expires' }] },
  });
  expect(await licenses.services.licenses.grants.list(accountId)).toMatchObject([{ id: kept }]);
  expect((await inForce()).seats).toBe(5);

  await expect(grantTo(licenses, newId())).rejects.toMatchObject({ kind: notFound });
  const { owner, accountId: deleted } = await newOrganization(licenses.service);
  const proof = { currentPassword: owner.password };
  expect((await owner.acting.delete('/v1/organizations/current', proof)).status).toBe(202);
  await expect(grantTo(licenses, deleted)).rejects.toMatchObject({ kind: notFound });
});

test('who granted and revoked what, and why, is recorded', async () => {
  const first = await grantTo(licenses, accountId, { seats: 5 });
  const second = await grantTo(licenses, accountId, {
    entitlements: entitlementNames,
    replaces: true,
  });
  const acts = (await licenseActs(licenses, accountId)).filter(({ action }) =>
    action.startsWith('license.'),
  );
  expect(acts).toMatchObject([
    { ...granter, action: 'license.granted', detail: { grantId: first, seats: 5, reason } },
    { ...granter, action: 'license.revoked', detail: { grantId: first, reason } },
    {
      ...granter,
      action: 'license.granted',
      detail: { grantId: second, entitlements: entitlementNames },
    },
  ]);
});

test.for(['an organization', 'a person'] as const)(
  'of twenty who revoke the same grant of %s, one does',
  async (kind) => {
    const { service } = licenses;
    const whose = kind === 'a person' ? (await addPerson(service)).homeId : accountId;
    const id = await grantTo(licenses, whose, { seats: 5 });
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, () => revokeFrom(licenses, whose, id)),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(19);
    for (const each of refused) expect(each).toMatchObject({ reason: { kind: grantEnded } });
    const acts = await licenseActs(licenses, whose);
    expect(acts.filter(({ action }) => action === 'license.revoked')).toHaveLength(1);
  },
);
