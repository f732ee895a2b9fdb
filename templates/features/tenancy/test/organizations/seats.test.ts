// Members and open invitations never exceed the seats, whatever comes at once.
import { expect, test } from 'vitest';
import type { RowDataPacket } from 'mysql2/promise';
import { useService, type Answer } from '../support/service.ts';
import { holdOrganization } from './support/held-lock.ts';
import {
  accept,
  addMember,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
  statusesOf,
  type TestOrganization,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const seats = 3;
// One request each, on as many connections.
const service = useService({ ORGANIZATION_SEATS: String(seats), DATABASE_POOL_SIZE: '20' });

const path = '/v1/organizations/current/invitations';

function inviteSomebody({ owner }: TestOrganization, email = newAddress()): Promise<Answer> {
  return owner.acting.post(path, { email, role: 'member' });
}

/** Lets an organization's invitations run out. */
function letExpire({ accountId }: TestOrganization) {
  return service.database.connection.query(
    'UPDATE invitations SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND WHERE account_id = ?',
    [accountId],
  );
}

async function taken({ owner }: TestOrganization): Promise<unknown> {
  return (await owner.acting.get('/v1/organizations/current')).body.seats;
}

test('of 20 invitations at once, as many are sent as there are seats', async () => {
  const organization = await newOrganization(service);
  const lock = await holdOrganization(service, organization);
  const asked = Array.from({ length: 20 }, () => inviteSomebody(organization));
  await lock.wantedBy(5);
  await lock.release();
  const answers = await Promise.all(asked);
  const sent = seats - 1;
  expect(statusesOf(answers)).toEqual([
    ...Array.from({ length: sent }, () => 201),
    ...Array.from({ length: 20 - sent }, () => 409),
  ]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('seats_taken');
  expect(await taken(organization)).toEqual({ taken: seats, limit: seats });
});

test('a seat is free again when an invitation is revoked, or runs out, or a member goes', async () => {
  const organization = await newOrganization(service);
  const { body: first } = await inviteSomebody(organization);
  const member = await addMember(service, organization);
  expect((await inviteSomebody(organization)).status).toBe(409);

  const { owner } = organization;
  await owner.acting.delete(`${path}/${first.id}`);
  const { body: second } = await inviteSomebody(organization);
  expect((await inviteSomebody(organization)).status).toBe(409);
  await letExpire(organization);
  const third = await inviteSomebody(organization);
  expect(third.status).toBe(201);
  // What has run out has lost its seat, and gets no other while there is none.
  const again = await owner.acting.post(`${path}/${second.id}/resend`);
  expect([again.status, again.body.code]).toEqual([409, 'seats_taken']);
  expect((await owner.acting.post(`${path}/${third.body.id}/resend`)).status).toBe(200);

  await owner.acting.delete(`/v1/organizations/current/members/${member.userId}`);
  expect((await owner.acting.post(`${path}/${second.id}/resend`)).status).toBe(200);
});

test('who was invited finds no seat where there are fewer than before', async () => {
  const organization = await newOrganization(service);
  const guest = await addPerson(service);
  const { token } = await invite(service, organization, { email: guest.email });
  // As after a smaller plan.
  for (let index = 1; index < seats; index += 1) await addMember(service, organization);
  const refused = await accept(service, guest, token);
  expect([refused.status, refused.body.code]).toEqual([409, 'seats_taken']);
  // The invitation is good when there is one again.
  const roles = await rolesIn(service, organization);
  const member = Object.keys(roles).find((userId) => roles[userId] === 'member');
  await organization.owner.acting.delete(`/v1/organizations/current/members/${member}`);
  expect((await accept(service, guest, token)).status).toBe(200);
});

test('invitations, acceptances and departures at once keep to the seats', async () => {
  const organization = await newOrganization(service);
  const guests = [await addPerson(service), await addPerson(service)];
  const links: { id: string; token: string }[] = [];
  for (const { email } of guests) links.push(await invite(service, organization, { email }));
  await Promise.all([
    ...guests.map((guest, index) => accept(service, guest, links[index]?.token ?? '')),
    ...Array.from({ length: 10 }, () => inviteSomebody(organization)),
    ...links.map(({ id }) => organization.owner.acting.delete(`${path}/${id}`)),
  ]);
  const [[row]] = await service.database.connection.query<RowDataPacket[]>(
    `SELECT (SELECT COUNT(*) FROM memberships WHERE account_id = ?)
       + (SELECT COUNT(*) FROM invitations WHERE account_id = ?) AS taken`,
    [organization.accountId, organization.accountId],
  );
  expect(row?.['taken']).toBeLessThanOrEqual(seats);
});
