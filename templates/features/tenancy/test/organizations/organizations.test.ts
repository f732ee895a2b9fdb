import { expect, test } from 'vitest';
import { useService } from '../support/service.ts';
import { askWho } from '../support/users.ts';
import {
  accept,
  actsOf,
  addMember,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
  switchTo,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';
import { tenantOf } from '../support/tenant.ts';
import { mailTo } from '../support/sent-mail.ts';

const service = useService();

test('who creates an organization owns it, and goes on in the own account until they switch', async () => {
  const user = await addPerson(service);
  const created = await service.post(
    '/v1/organizations',
    { name: 'Müller & Söhne' },
    user.authorization,
  );
  expect(created.status).toBe(201);
  expect(created.body).toMatchObject({ name: 'Müller & Söhne', role: 'owner' });
  expect(created.body.slug).toMatch(/^muller-sohne-[0-9a-f]{6}$/);

  const list = await service.get('/v1/organizations', user.authorization);
  expect(list.body.organizations).toEqual([created.body]);
  expect((await service.get('/v1/organizations/current', user.authorization)).status).toBe(404);

  const { body } = await switchTo(service, user, created.body.accountId);
  const current = await tenantOf(service, body.accessToken).get('/v1/organizations/current');
  expect(current.body).toEqual({
    ...created.body,
    permissions: ['*'],
    seats: { taken: 1, limit: service.settings.ORGANIZATION_SEATS ?? null },
  });
});

test('a slug is chosen, is one organization’s alone, and can be changed with the name', async () => {
  const user = await addPerson(service);
  const create = (slug: string) =>
    service.post('/v1/organizations', { name: 'Acme', slug }, user.authorization);
  expect((await create(' Acme-1 ')).body.slug).toBe('acme-1');
  const taken = await create('acme-1');
  expect([taken.status, taken.body.code]).toEqual([409, 'slug_taken']);
  expect(taken.body.errors).toMatchObject([{ pointer: '#/slug' }]);

  const { owner, ...organization } = await newOrganization(service);
  const refused = await owner.acting.patch('/v1/organizations/current', { slug: 'acme-1' });
  expect([refused.status, refused.body.code]).toEqual([409, 'slug_taken']);
  const changed = await owner.acting.patch('/v1/organizations/current', {
    name: 'Other',
    slug: 'other-2',
  });
  expect(changed.body).toMatchObject({ name: 'Other', slug: 'other-2' });
  const [rows] = await service.database.connection.query('SELECT name FROM accounts WHERE id = ?', [
    organization.accountId,
  ]);
  expect(rows).toEqual([{ name: 'Other' }]);
  expect((await owner.acting.patch('/v1/organizations/current', {})).status).toBe(200);
});

test.for([
  ['name', 'two\nlines'],
  ['name', 'see http://evil.example'],
  ['name', 'www.evil.example'],
  ['name', 'Acme \u202Etxt.exe'],
  ['name', 'Acme \u2067'],
  ['name', ' '],
  ['name', '\u200B\u2060'],
  ['name', 'x'.repeat(101)],
  ['slug', '-a'],
  ['slug', 'a--b'],
  ['slug', 'ü'],
  ['slug', 'a'.repeat(51)],
])('a %s such as %j is refused, and named', async ([field = '', value]) => {
  const user = await addPerson(service);
  const input = { name: 'Acme', [field]: value };
  const { status, body } = await service.post('/v1/organizations', input, user.authorization);
  expect([status, body.errors?.[0]?.pointer]).toEqual([422, `#/${field}`]);
});

test('members are invited, accept, are listed, get other roles, and go; all of it is recorded', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const guest = await addPerson(service);
  const invited = { email: guest.email, role: 'viewer' } as const;
  const { id, token } = await invite(service, organization, invited);
  expect((await accept(service, guest, token)).body).toEqual({
    accountId: organization.accountId,
    name: organization.name,
  });
  const { body } = await owner.acting.get('/v1/organizations/current/members');
  expect(body.members).toEqual([
    { userId: owner.userId, email: owner.email, role: 'owner', createdAt: expect.any(String) },
    {
      userId: expect.any(String),
      email: guest.email,
      role: 'viewer',
      createdAt: expect.any(String),
    },
  ]);
  const { userId } = body.members[1];
  const member = `/v1/organizations/current/members/${userId}`;
  expect((await owner.acting.patch(member, { role: 'admin' })).status).toBe(204);
  expect((await owner.acting.patch(member, { role: 'admin' })).status).toBe(204);
  expect(await rolesIn(service, organization)).toEqual({
    [owner.userId]: 'owner',
    [userId]: 'admin',
  });
  expect((await owner.acting.delete(member)).status).toBe(204);
  expect((await owner.acting.delete(member)).status).toBe(404);
  const mail = await mailTo(service.mailFolder, guest.email, 2);
  expect(mail.subject).toBe(`You are no longer a member of ${organization.name}`);

  const [byOwner, byGuest] = [`user:${owner.userId}`, `user:${userId}`];
  expect(await actsOf(service, organization)).toEqual([
    { actor: byOwner, action: 'organization.created', detail: {} },
    {
      actor: byOwner,
      action: 'organization.member_invited',
      detail: { invitationId: id, role: 'viewer' },
    },
    {
      actor: byGuest,
      action: 'organization.member_joined',
      detail: { invitationId: id, role: 'viewer' },
    },
    {
      actor: byOwner,
      action: 'organization.role_changed',
      detail: { userId, from: 'viewer', to: 'admin' },
    },
    {
      actor: byOwner,
      action: 'organization.member_removed',
      detail: { userId, role: 'admin' },
    },
  ]);
});

test('lists are read page by page, and show everybody once', async () => {
  const organization = await newOrganization(service);
  for (let index = 0; index < 4; index += 1) await addMember(service, organization);
  const addresses = [newAddress(), newAddress(), newAddress()];
  for (const email of addresses) await invite(service, organization, { email });
  const readAll = async (path: string, list: string): Promise<Record<string, string>[]> => {
    const rows = [];
    let cursor = '';
    do {
      const { body } = await organization.owner.acting.get(`${path}?limit=2${cursor}`);
      expect(body[list].length).toBeLessThanOrEqual(2);
      rows.push(...body[list]);
      cursor = body.nextCursor === null ? '' : `&cursor=${body.nextCursor}`;
    } while (cursor !== '');
    return rows;
  };
  const members = await readAll('/v1/organizations/current/members', 'members');
  expect(new Set(members.map(({ userId }) => userId)).size).toBe(5);
  const invited = await readAll('/v1/organizations/current/invitations', 'invitations');
  expect(invited.map(({ email }) => email)).toEqual(addresses);
});

test('who leaves is no member any more, and the own account is there still', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization, 'viewer');
  expect((await member.acting.post('/v1/organizations/current/leave')).status).toBe(204);
  expect(await rolesIn(service, organization)).toEqual({ [organization.owner.userId]: 'owner' });
  expect((await service.get('/v1/organizations', member.authorization)).body.organizations).toEqual(
    [],
  );
  const me = await askWho(service, member.authorization);
  expect(me.body.user).toMatchObject({ id: member.userId, accountId: member.homeId });
});

const path = (userId: string) => `/v1/organizations/current/members/${userId}`;

test('nobody gives or takes a role that may more than their own', async () => {
  const organization = await newOrganization(service);
  const admin = await addMember(service, organization, 'admin');
  const other = await addMember(service, organization, 'admin');
  const { owner } = organization;
  for (const answer of [
    await admin.acting.patch(path(owner.userId), { role: 'viewer' }),
    await admin.acting.delete(path(owner.userId)),
    await admin.acting.patch(path(other.userId), { role: 'owner' }),
    await admin.acting.patch(path(admin.userId), { role: 'owner' }),
  ]) {
    expect([answer.status, answer.body.code]).toEqual([403, 'role_insufficient']);
  }
  expect((await admin.acting.patch(path(other.userId), { role: 'member' })).status).toBe(204);
  const asOwner = { email: newAddress(), role: 'owner' };
  const invited = await owner.acting.post('/v1/organizations/current/invitations', asOwner);
  expect(invited.status).toBe(422);
});
