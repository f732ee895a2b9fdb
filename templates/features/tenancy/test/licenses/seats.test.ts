// Seats that are granted and revoked while people are invited and join. What is taken stays taken:
// who is there already is not put out by fewer seats, and nobody else gets in.
import { beforeEach, expect, test } from 'vitest';
import { requireSeatForMember } from '#app/domains/organizations/invitations/seats.ts';
import { addMember as insertMember } from '#app/domains/organizations/members/memberships.ts';
import { requireOrganization } from '#app/domains/organizations/organization-lock.ts';
import { holdOrganization, wantedBy } from '../organizations/support/held-lock.ts';
import {
  accept,
  addMember,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
  type TestOrganization,
} from '../organizations/support/organizations.ts';
import { addPerson } from '../organizations/support/people.ts';
import { grantTo, licenseActs, revokeFrom, useLicenses } from './support/licenses.ts';

/** What is left when a grant is gone. */
const fewer = 2;
const licenses = useLicenses({ ORGANIZATION_SEATS: String(fewer), DATABASE_POOL_SIZE: '20' });

let organization: TestOrganization;
beforeEach(async () => {
  organization = await newOrganization(licenses.service);
});

const inviteSomebody = () =>
  organization.owner.acting.post('/v1/organizations/current/invitations', {
    email: newAddress(),
    role: 'member',
  });

const seatsTaken = async () =>
  (await organization.owner.acting.get('/v1/organizations/current')).body.seats;

test('a grant makes room at once, and takes no member with it when it goes', async () => {
  const { service } = licenses;
  const id = await grantTo(licenses, organization.accountId, { seats: 5 });
  const guest = await addPerson(service);
  const { token } = await invite(service, organization, { email: guest.email });
  for (let added = 0; added < 3; added += 1) await addMember(service, organization);
  expect(await seatsTaken()).toEqual({ taken: 5, limit: 5 });

  await revokeFrom(licenses, organization.accountId, id);
  expect(await seatsTaken()).toEqual({ taken: 5, limit: fewer });
  expect(Object.keys(await rolesIn(service, organization))).toHaveLength(4);
  for (const refused of [await inviteSomebody(), await accept(service, guest, token)]) {
    expect([refused.status, refused.body.code]).toEqual([409, 'seats_taken']);
  }
  await grantTo(licenses, organization.accountId, { seats: 5 });
  expect((await accept(service, guest, token)).status).toBe(200);
});

test('who revokes seats waits for who is just taking one of them', async () => {
  const { services, service } = licenses;
  const { accountId } = organization;
  const id = await grantTo(licenses, accountId, { seats: fewer + 1 });
  await addMember(service, organization);
  const { userId } = await addPerson(service);
  const [seated, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const joining = services.database.transaction(async (tx) => {
    await requireOrganization(tx, accountId);
    await requireSeatForMember(tx, services.licenses, accountId);
    seated.resolve();
    await go.promise;
    await insertMember(tx, { accountId, userId, role: 'member' });
  });
  await seated.promise;
  const revoking = revokeFrom(licenses, accountId, id);
  const first = await Promise.race([
    revoking.then(() => 'is done'),
    wantedBy(service, organization, 1).then(() => 'waits'),
  ]);
  go.resolve();
  await Promise.all([joining, revoking]);
  expect(first).toBe('waits');
  expect((await inviteSomebody()).body.code).toBe('seats_taken');
});

test('of twenty who are invited while a grant is lowered, none gets in by seats that are gone', async () => {
  const { accountId } = organization;
  await grantTo(licenses, accountId, { seats: 9 });
  const lock = await holdOrganization(licenses.service, organization);
  const invited = [];
  for (let index = 0; index < 10; index += 1) invited.push(inviteSomebody());
  await lock.wantedBy(5);
  const lowering = grantTo(licenses, accountId, { seats: fewer + 1, replaces: true });
  await lock.wantedBy(6);
  for (let index = 0; index < 10; index += 1) invited.push(inviteSomebody());
  await lock.release();
  await Promise.all([...invited, lowering]);

  const acts = (await licenseActs(licenses, accountId)).map(({ action }) => action);
  const lowered = acts.indexOf('license.revoked');
  const before = sentIn(acts.slice(0, lowered));
  // The owner has a seat as well.
  expect(before).toBeLessThanOrEqual(8);
  expect(sentIn(acts.slice(lowered))).toBe(Math.max(0, fewer - before));
});

function sentIn(acts: readonly string[]): number {
  return acts.filter((action) => action === 'organization.member_invited').length;
}
