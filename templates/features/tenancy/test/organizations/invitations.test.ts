import { randomBytes } from 'node:crypto';
import type { RowDataPacket } from 'mysql2/promise';
import { expect, test } from 'vitest';
import { openDatabase } from '#app/database/database.ts';
import { prune } from '#app/domains/organizations/invitations/pruning.ts';
import { tokenIn } from '../support/mailed-links.ts';
import { testSealing } from '../support/sealing.ts';
import { mailsIn, mailTo } from '../support/sent-mail.ts';
import { useService, type Answer } from '../support/service.ts';
import { askWho } from '../support/users.ts';
import { watchWork } from '../support/watch-work.ts';
import {
  accept,
  actsOf,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
  statusesOf,
  type TestOrganization,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const service = useService({ DATABASE_POOL_SIZE: '20' });

const path = '/v1/organizations/current/invitations';
const password = 'a good long password';
const answer = (what: 'show' | 'register' | 'decline', input: object) =>
  service.post(`/v1/organizations/invitations/${what}`, input);

function expire({ accountId }: TestOrganization, days = 0) {
  return service.database.connection.query(
    'UPDATE invitations SET expires_at = UTC_TIMESTAMP(3) - INTERVAL ? DAY WHERE account_id = ?',
    [days, accountId],
  );
}

test('a link shows who invites to what, and says so only while it works', async () => {
  const organization = await newOrganization(service);
  const email = newAddress();
  const { token } = await invite(service, organization, { email, role: 'admin' });
  const shown = await answer('show', { token });
  expect(shown.body).toEqual({
    organization: { name: organization.name },
    email,
    role: 'admin',
    invitedBy: organization.owner.email,
    expiresAt: expect.any(String),
    registered: false,
  });
  await expire(organization);
  const dead = await answer('show', { token });
  expect([dead.status, dead.body.code]).toEqual([410, 'invalid_link']);
});

test('who has no account makes one with the invitation, and the address is verified', async () => {
  const organization = await newOrganization(service);
  const email = newAddress();
  const { token } = await invite(service, organization, { email, role: 'viewer' });
  const weak = await answer('register', { token, password: 'password1' });
  expect([weak.status, weak.body.code]).toEqual([422, 'weak_password']);
  expect((await answer('register', { token, password })).status).toBe(201);
  const { body } = await service.post('/v1/auth/login', { email, password });
  const authorization = { authorization: `Bearer ${body.accessToken}` };
  const me = await askWho(service, authorization);
  expect(me.body.user).toMatchObject({ email, emailVerified: true });
  expect(await rolesIn(service, organization)).toMatchObject({ [me.body.user.id]: 'viewer' });
  expect((await answer('register', { token, password })).status).toBe(410);
  // No other mail than the invitation.
  expect((await mailsIn(service.mailFolder)).filter(({ to }) => to === email)).toHaveLength(1);
});

test('who has an account is to sign in to it, and cannot get another password by an invitation', async () => {
  const organization = await newOrganization(service);
  const user = await addPerson(service);
  const { token } = await invite(service, organization, { email: user.email });
  expect((await answer('show', { token })).body.registered).toBe(true);
  const refused = await answer('register', { token, password });
  expect([refused.status, refused.body.code]).toEqual([409, 'email_taken']);
  expect((await service.post('/v1/auth/login', { email: user.email, password })).status).toBe(401);
  expect((await accept(service, user, token)).status).toBe(200);
  const me = await askWho(service, user.authorization);
  expect(me.body.user.emailVerified).toBe(true);
});

test('an invitation is for its address alone, and stays good for it', async () => {
  const organization = await newOrganization(service);
  const [user, other] = [await addPerson(service), await addPerson(service)];
  const { token } = await invite(service, organization, { email: user.email });
  const refused = await accept(service, other, token);
  expect([refused.status, refused.body.code]).toEqual([403, 'invitation_for_another']);
  expect((await accept(service, user, token)).status).toBe(200);
});

test('of many who accept at once, one does, and there is one membership', async () => {
  const organization = await newOrganization(service);
  const user = await addPerson(service);
  const { token } = await invite(service, organization, { email: user.email });
  const accepted = await Promise.all(
    Array.from({ length: 10 }, () => accept(service, user, token)),
  );
  expect(statusesOf(accepted)).toEqual([200, ...Array.from({ length: 9 }, () => 410)]);
  expect(Object.keys(await rolesIn(service, organization))).toHaveLength(2);
});

test('of many who register at once, one does, and there is one account', async () => {
  const organization = await newOrganization(service);
  const email = newAddress();
  const { token } = await invite(service, organization, { email });
  const made = await Promise.all(
    Array.from({ length: 5 }, () => answer('register', { token, password })),
  );
  expect(made.filter(({ status }) => status === 201)).toHaveLength(1);
  for (const { status } of made) expect([201, 409, 410]).toContain(status);
  const [users] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT id FROM users WHERE email = ?',
    [email],
  );
  expect(users).toHaveLength(1);
  expect(Object.keys(await rolesIn(service, organization))).toHaveLength(2);
});

test('an invitation that was revoked, declined, sent anew or has expired is accepted by nobody', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const user = await addPerson(service);
  const { email } = user;

  const revoked = await invite(service, organization, { email });
  expect((await owner.acting.delete(`${path}/${revoked.id}`)).status).toBe(204);
  expect((await accept(service, user, revoked.token)).status).toBe(410);

  const declined = await invite(service, organization, { email }, 2);
  expect((await answer('decline', { token: declined.token })).status).toBe(204);
  expect((await accept(service, user, declined.token)).status).toBe(410);

  const before = await invite(service, organization, { email }, 3);
  expect((await owner.acting.post(`${path}/${before.id}/resend`)).status).toBe(200);
  const token = tokenIn(await mailTo(service.mailFolder, email, 4));
  expect((await accept(service, user, before.token)).status).toBe(410);
  await expire(organization);
  expect((await accept(service, user, token)).status).toBe(410);
  expect((await answer('decline', { token })).status).toBe(410);

  expect((await answer('register', { token: 'unknown', password })).status).toBe(410);
  expect(await rolesIn(service, organization)).toEqual({ [owner.userId]: 'owner' });
  const actions = (await actsOf(service, organization)).map(({ action }) => action);
  expect(actions).toEqual([
    'organization.created',
    'organization.member_invited',
    'organization.invitation_revoked',
    'organization.member_invited',
    'organization.invitation_declined',
    'organization.member_invited',
    'organization.invitation_resent',
  ]);
});

test('of accepting, revoking and sending anew at once, one order holds for all', async () => {
  for (let round = 0; round < 5; round += 1) {
    const organization = await newOrganization(service);
    const { owner } = organization;
    const user = await addPerson(service);
    const { id, token } = await invite(service, organization, { email: user.email });
    const [accepted, revoked] = await Promise.all([
      accept(service, user, token),
      owner.acting.delete(`${path}/${id}`),
    ]);
    const isMember = Object.keys(await rolesIn(service, organization)).length === 2;
    expect([accepted.status, revoked.status]).toEqual(isMember ? [200, 404] : [410, 204]);
  }
});

test('an address is invited once, unless that has expired, and no member is', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const email = newAddress();
  const send = (to: string) => owner.acting.post(path, { email: to, role: 'member' });
  await send(email);
  const again = await send(` ${email.toUpperCase()} `);
  expect([again.status, again.body.code]).toEqual([409, 'already_invited']);
  await expire(organization);
  expect((await owner.acting.get(path)).body.invitations).toMatchObject([{ email, expired: true }]);
  expect((await send(email)).status).toBe(201);
  const own = await send(owner.email);
  expect([own.status, own.body.code]).toEqual([409, 'already_member']);
});

test('A7: inviting answers alike for an address with an account and one without, after the same work', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const known = (await addPerson(service)).email;
  const unknown = newAddress();
  const ask = async (email: string) => {
    let given: Answer | undefined;
    const work = await watchWork(async () => {
      given = await owner.acting.post(path, { email, role: 'member' });
    });
    const shape = JSON.stringify(given?.body)
      .replace(email, '@')
      .replaceAll(/[0-9a-f]/g, '0');
    return { status: given?.status, shape, work };
  };
  // The first makes rows that later ones find.
  await ask(newAddress());
  const [atKnown, atUnknown] = [await ask(known), await ask(unknown)];
  expect(atKnown).toEqual(atUnknown);
  expect(atKnown.status).toBe(201);
  expect(atKnown.work.statements.length).toBeGreaterThan(0);
});

test('one person sends so many invitations, and one address gets so many, and then they wait', async () => {
  const { owner } = await newOrganization(service);
  const send = (email: string) => owner.acting.post(path, { email, role: 'member' });
  const email = newAddress();
  const { body } = await send(email);
  let resent = 0;
  while ((await owner.acting.post(`${path}/${body.id}/resend`)).status === 200) resent += 1;
  expect(resent).toBe(4);
  let sent = 0;
  let last: Answer;
  do {
    last = await send(newAddress());
    sent += 1;
  } while (last.status === 201 && sent < 40);
  expect([last.status, last.body.code]).toEqual([429, 'too_many_attempts']);
  expect(sent).toBeGreaterThan(20);
});

test('what nobody has answered is removed after a month', async () => {
  const [old, newer] = [await newOrganization(service), await newOrganization(service)];
  for (const organization of [old, newer]) {
    await invite(service, organization, { email: newAddress() });
  }
  await expire(old, 31);
  await expire(newer, 29);
  const database = await openDatabase({
    settings: { DATABASE_URL: service.database.url, DATABASE_POOL_SIZE: 1 },
    sealing: testSealing,
  });
  await prune(database);
  await database.close();
  expect((await old.owner.acting.get(path)).body.invitations).toEqual([]);
  expect((await newer.owner.acting.get(path)).body.invitations).toHaveLength(1);
});

test('an invitation of an organization that was deleted works no more', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const user = await addPerson(service);
  const { token } = await invite(service, organization, { email: user.email });
  await owner.acting.delete('/v1/organizations/current', { currentPassword: owner.password });
  expect((await accept(service, user, token)).status).toBe(410);
});

test('no token of an invitation is in the database or the log', async () => {
  const organization = await newOrganization(service);
  const { token } = await invite(service, organization, { email: newAddress() });
  await answer('show', { token });
  await answer('show', { token: randomBytes(32).toString('base64url') });
  const [[row]] = await service.database.connection.query<RowDataPacket[]>(
    'SELECT * FROM invitations WHERE account_id = ?',
    [organization.accountId],
  );
  expect(JSON.stringify(row)).not.toContain(token);
  expect(service.log.map((line) => JSON.stringify(line)).join('\n')).not.toContain(token);
});
