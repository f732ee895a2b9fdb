// An organization has an owner at every moment, whoever leaves, is removed or gets another role at
// the same time.
import { expect, test } from 'vitest';
import { factorClient } from '../support/factor-client.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService, type Answer } from '../support/service.ts';
import { holdOrganization } from './support/held-lock.ts';
import {
  actsOf,
  addMember,
  newOrganization,
  rolesIn,
  statusesOf,
  switchTo,
  type TestMember,
  type TestOrganization,
} from './support/organizations.ts';
import { tenantOf } from '../support/tenant.ts';

// One request each, on as many connections.
const service = useService({ DATABASE_POOL_SIZE: '20' });

const count = 20;
const members = '/v1/organizations/current/members';
const transferPath = '/v1/organizations/current/transfer';

/** An organization of so many owners. */
async function ownersOf(): Promise<{ organization: TestOrganization; owners: TestMember[] }> {
  const organization = await newOrganization(service);
  const owners = [organization.owner];
  while (owners.length < count) owners.push(await addMember(service, organization, 'owner'));
  return { organization, owners };
}

/** Asks again where all that was said is that others were at it for too long. */
async function untilDecided(ask: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer;
  do {
    answer = await ask();
  } while (answer.status >= 500);
  return answer;
}

const waysOut = {
  leave: ({ acting }: TestMember) => acting.post('/v1/organizations/current/leave'),
  'be removed': ({ acting, userId }: TestMember) => acting.delete(`${members}/${userId}`),
  'be an owner no more': ({ acting, userId }: TestMember) =>
    acting.patch(`${members}/${userId}`, { role: 'member' }),
};

test.for(Object.entries(waysOut))('of 20 owners who %s at once, one stays', async ([, goes]) => {
  const { organization, owners } = await ownersOf();
  const answers = await Promise.all(owners.map((owner) => untilDecided(() => goes(owner))));
  expect(statusesOf(answers)).toEqual([...Array.from({ length: count - 1 }, () => 204), 409]);
  expect(answers.find(({ status }) => status === 409)?.body.code).toBe('owner_needed');
  const left = Object.values(await rolesIn(service, organization));
  expect(left.filter((role) => role === 'owner')).toHaveLength(1);
});

test('of owners who remove each other at once, one stays', async () => {
  const { organization, owners } = await ownersOf();
  await Promise.all(
    owners.map(({ acting }, index) => {
      const next = owners[(index + 1) % owners.length];
      return acting.delete(`${members}/${next?.userId}`);
    }),
  );
  const left = Object.values(await rolesIn(service, organization));
  expect(left.filter((role) => role === 'owner').length).toBeGreaterThanOrEqual(1);
});

test('who hands an organization over makes another its owner in one step', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const member = await addMember(service, organization, 'viewer');
  const handOver = (input: object) =>
    owner.acting.post(transferPath, { userId: member.userId, ...input });

  const wrong = await handOver({ currentPassword: 'not the password' });
  expect([wrong.status, wrong.body.code]).toEqual([422, 'wrong_password']);
  const toOneself = { userId: owner.userId, currentPassword: owner.password };
  expect((await handOver(toOneself)).status).toBe(404);
  const stranger = (await newOrganization(service)).owner;
  const toStranger = { userId: stranger.userId, currentPassword: owner.password };
  expect((await handOver(toStranger)).status).toBe(404);

  expect((await handOver({ currentPassword: owner.password })).status).toBe(204);
  expect(await rolesIn(service, organization)).toEqual({
    [owner.userId]: 'admin',
    [member.userId]: 'owner',
  });
  expect((await handOver({ currentPassword: owner.password })).status).toBe(403);
  expect((await actsOf(service, organization)).at(-1)).toEqual({
    actor: `user:${owner.userId}`,
    action: 'organization.transferred',
    detail: { to: member.userId },
  });
  const mail = await mailTo(service.mailFolder, member.email);
  expect(mail.subject).toBe(`You own ${organization.name} now`);
});

test('who has an authenticator app shows a code, too', async () => {
  const user = await factorClient(service).withFactor();
  const { body } = await service.post('/v1/organizations', { name: 'Acme' }, user.authorization);
  const { body: switched } = await switchTo(service, user, body.accountId);
  const acting = tenantOf(service, switched.accessToken);
  const member = await addMember(service, body);
  const handOver = (proof: object) =>
    acting.post(transferPath, { userId: member.userId, currentPassword: user.password, ...proof });
  for (const [proof, code] of [
    [{}, 'second_factor_required'],
    [{ code: '000000' }, 'invalid_code'],
    [{ recoveryCode: 'AAAA-AAAA-AAAA-AAAA' }, 'invalid_code'],
  ] as const) {
    const { status, body: refusal } = await handOver(proof);
    expect([status, refusal.code]).toEqual([401, code]);
  }
  expect((await handOver({ code: user.code() })).status).toBe(204);
  expect(await rolesIn(service, body)).toMatchObject({ [member.userId]: 'owner' });
});

test('a password that is changed meanwhile ends what the old one could begin', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const member = await addMember(service, organization);
  const lock = await holdOrganization(service, organization);
  // The password is confirmed before that is waited for.
  const handingOver = owner.acting.post(transferPath, {
    userId: member.userId,
    currentPassword: owner.password,
  });
  await lock.wantedBy(1);
  await service.post(
    '/v1/auth/password/change',
    { currentPassword: owner.password, password: 'another long password' },
    owner.authorization,
  );
  await lock.release();
  const { status, body } = await handingOver;
  expect([status, body.code]).toEqual([422, 'wrong_password']);
  expect(await rolesIn(service, organization)).toMatchObject({ [owner.userId]: 'owner' });
});

test('of two who are handed an organization over at once, one gets it', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const heirs = [await addMember(service, organization), await addMember(service, organization)];
  const answers = await Promise.all(
    heirs.map(({ userId }) =>
      owner.acting.post(transferPath, { userId, currentPassword: owner.password }),
    ),
  );
  expect(statusesOf(answers)).toEqual([204, 403]);
  const roles = Object.values(await rolesIn(service, organization)).toSorted();
  expect(roles).toEqual(['admin', 'member', 'owner']);
});
