// Who may act for an organization is what the database says at that moment, never a token.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { actingFor, changingRoutes } from '../support/acting.ts';
import { request, useService } from '../support/service.ts';
import { tenantOf } from '../support/tenant.ts';
import { addMember, newOrganization, switchTo } from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const service = useService();

const current = '/v1/organizations/current';
const refresh = async (refreshToken: string) =>
  (await service.post('/v1/auth/refresh', { refreshToken })).body;

test('a session acts for what it switched to, also after a refresh, and goes back', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization);
  let tokens = await refresh(member.refreshToken);
  expect(tenantOf(service, tokens.accessToken).accountId).toBe(organization.accountId);

  for (const home of [null, member.homeId]) {
    const back = await switchTo(service, member, home);
    expect([back.status, back.body.accountId]).toEqual([200, member.homeId]);
    tokens = await refresh(tokens.refreshToken);
    expect(tenantOf(service, tokens.accessToken).accountId).toBe(member.homeId);
    const again = await switchTo(service, member, organization.accountId);
    expect(again.body).toMatchObject({ expiresIn: 900, tokenType: 'Bearer' });
  }
});

test('nobody switches to an account that is not theirs', async () => {
  const [organization, other] = [await newOrganization(service), await addPerson(service)];
  const { accountId } = tenantOf(service, other.accessToken);
  const stranger = await addPerson(service);
  for (const wanted of [organization.accountId, accountId, randomUUID()]) {
    expect((await switchTo(service, stranger, wanted)).status).toBe(404);
  }
});

test('a session that has ended switches no more, wherever it acts', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization);
  await service.database.connection.query(
    'UPDATE sessions SET revoked_at = UTC_TIMESTAMP(3) WHERE user_id = ?',
    [member.userId],
  );
  expect((await switchTo(service, member, null)).status).toBe(401);
});

test('who was removed is out at once: the tokens are refused, and the session is at home', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization);
  expect((await member.acting.get(`${current}/members`)).status).toBe(200);
  await organization.owner.acting.delete(`${current}/members/${member.userId}`);

  const refused = await member.acting.get(`${current}/members`);
  expect([refused.status, refused.body.code]).toEqual([403, 'not_a_member']);
  // What is about the person goes on, and the next token is for the own account.
  expect((await member.acting.get('/v1/auth/sessions')).status).toBe(200);
  expect((await member.acting.get('/v1/organizations')).body.organizations).toEqual([]);
  const { accessToken } = await refresh(member.refreshToken);
  expect(tenantOf(service, accessToken).accountId).toBe(member.homeId);
});

test('a membership that ends while a session switches leaves no session behind', async () => {
  for (let round = 0; round < 5; round += 1) {
    const organization = await newOrganization(service);
    const member = await addMember(service, organization);
    await switchTo(service, member, null);
    await Promise.all([
      switchTo(service, member, organization.accountId),
      organization.owner.acting.delete(`${current}/members/${member.userId}`),
      switchTo(service, member, organization.accountId),
    ]);
    const [rows] = await service.database.connection.query(
      'SELECT account_id AS accountId FROM sessions WHERE user_id = ?',
      [member.userId],
    );
    expect(rows).toEqual([{ accountId: member.homeId }]);
  }
});

test('another role holds from the next request on', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization, 'viewer');
  const rename = () => member.acting.patch(current, { name: 'Renamed' });
  const path = `${current}/members/${member.userId}`;
  expect((await rename()).status).toBe(403);
  await organization.owner.acting.patch(path, { role: 'admin' });
  expect((await rename()).status).toBe(200);
  await organization.owner.acting.patch(path, { role: 'member' });
  const refused = await rename();
  expect([refused.status, refused.body.code]).toEqual([403, 'role_insufficient']);
});

test('a role that the code does not know any more may nothing', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization);
  await service.database.connection.query('UPDATE memberships SET role = ? WHERE user_id = ?', [
    'constructor',
    member.userId,
  ]);
  expect((await member.acting.get(`${current}/members`)).status).toBe(403);
});

test('the own account takes no membership, and is nobody else’s', async () => {
  const user = await addPerson(service);
  expect((await service.get(`${current}/members`, user.authorization)).body.members).toEqual([]);
  for (const [method, path] of [
    ['GET', current],
    ['PATCH', current],
    ['POST', `${current}/leave`],
    ['POST', `${current}/invitations`],
  ] as const) {
    const body = path.endsWith('invitations')
      ? { email: 'a@example.com', role: 'member' }
      : { name: 'Mine' };
    const answer = await request(service.url, path, {
      method,
      headers: { 'content-type': 'application/json', ...user.authorization },
      ...(method !== 'GET' && { body: JSON.stringify(body) }),
    });
    expect([path, answer.status]).toEqual([path, 404]);
  }
});

test('each route of organizations that changes something is decided on', async () => {
  expect(await changingRoutes(service, 'organizations')).toEqual({
    inPerson: [
      'delete /v1/organizations/current',
      'delete /v1/organizations/current/invitations/{id}',
      'delete /v1/organizations/current/members/{userId}',
      'patch /v1/organizations/current/members/{userId}',
      'post /v1/organizations',
      'post /v1/organizations/current/invitations',
      'post /v1/organizations/current/invitations/{id}/resend',
      'post /v1/organizations/current/leave',
      'post /v1/organizations/current/transfer',
      'post /v1/organizations/invitations/accept',
      'post /v1/organizations/switch',
    ],
    byProxy: ['patch /v1/organizations/current'],
  });
});

test('who acts in a user’s place stays in the account that it was begun for', async () => {
  const organization = await newOrganization(service);
  const member = await addMember(service, organization, 'admin');
  await switchTo(service, member, null);
  const acting = await actingFor(service, member);
  const switched = await service.post(
    '/v1/organizations/switch',
    { accountId: organization.accountId },
    acting,
  );
  expect([switched.status, switched.body.code]).toEqual([403, 'only_in_person']);
  const own = await service.get('/v1/organizations', acting);
  expect([own.status, own.body.organizations.length]).toEqual([200, 1]);
});
