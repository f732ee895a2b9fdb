// What a client sends again, since it got no answer: under the same Idempotency-Key.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { mailTo } from '../support/sent-mail.ts';
import { useService, type Answer } from '../support/service.ts';
import {
  accept,
  actsOf,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const service = useService();

/** Sends a request twice, one after the other, as the same one. */
async function repeated(send: (key: Record<string, string>) => Promise<Answer>) {
  const key = { 'idempotency-key': randomUUID() };
  return [await send(key), await send(key)] as const;
}

test('an organization that is created again is the same one', async () => {
  const { authorization } = await addPerson(service);
  const [first, again] = await repeated((key) =>
    service.post('/v1/organizations', { name: 'Acme' }, { ...authorization, ...key }),
  );
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(again.body).toEqual(first.body);
  const { body } = await service.get('/v1/organizations', authorization);
  expect(body.organizations).toEqual([first.body]);
});

test('an invitation that is made again is one mail, and so is one that is sent again', async () => {
  const organization = await newOrganization(service);
  const { acting } = organization.owner;
  const email = newAddress();
  const path = '/v1/organizations/current/invitations';
  const [made, madeAgain] = await repeated((key) =>
    acting.post(path, { email, role: 'member' }, key),
  );
  expect([made.status, madeAgain.status]).toEqual([201, 201]);
  expect(madeAgain.body).toEqual(made.body);
  await mailTo(service.mailFolder, email, 1);

  const [sent, sentAgain] = await repeated((key) =>
    acting.post(`${path}/${made.body.id}/resend`, undefined, key),
  );
  expect([sent.status, sentAgain.status]).toEqual([200, 200]);
  expect(sentAgain.body).toEqual(sent.body);
  await mailTo(service.mailFolder, email, 2);
  expect((await actsOf(service, organization)).map(({ action }) => action)).toEqual([
    'organization.created',
    'organization.member_invited',
    'organization.invitation_resent',
  ]);
});

test('an invitation that is accepted again is answered as it was', async () => {
  const organization = await newOrganization(service);
  const person = await addPerson(service);
  const { token } = await invite(service, organization, { email: person.email });
  const [first, again] = await repeated((key) =>
    accept(service, { authorization: { ...person.authorization, ...key } }, token),
  );
  expect([first.status, again.status]).toEqual([200, 200]);
  expect(again.body).toEqual(first.body);
  expect(await rolesIn(service, organization)).toMatchObject({ [person.userId]: 'member' });
});
