// An invitation speaks in somebody's name: it goes from an address that is theirs, and lasts as long as
// they may send it.
import { describe, expect, test } from 'vitest';
import { tokenIn } from '../support/mailed-links.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService, type Answer } from '../support/service.ts';
import {
  accept,
  actsOf,
  addMember,
  invite,
  newAddress,
  newOrganization,
} from './support/organizations.ts';
import { addPerson } from './support/people.ts';

const service = useService();

const current = '/v1/organizations/current';
const path = `${current}/invitations`;

test('who has not verified the own address writes to nobody in its name', async () => {
  const organization = await newOrganization(service);
  const { owner } = organization;
  const { id } = await invite(service, organization, { email: newAddress() });
  await service.database.connection.query(
    'UPDATE users SET email_verified_at = NULL WHERE id = ?',
    [owner.userId],
  );
  for (const refused of [
    await owner.acting.post(path, { email: newAddress(), role: 'member' }),
    await owner.acting.post(`${path}/${id}/resend`),
  ]) {
    expect([refused.status, refused.body.code]).toEqual([403, 'email_not_verified']);
  }
  expect((await owner.acting.get(path)).body.invitations).toMatchObject([{ id }]);
});

/** An admin of an organization, and whom the admin has invited as another. */
async function invitedByAdmin() {
  const organization = await newOrganization(service);
  const admin = await addMember(service, organization, 'admin');
  const guest = await addPerson(service);
  const sent = await invite(service, { owner: admin }, { email: guest.email, role: 'admin' });
  const place = `${current}/members/${admin.userId}`;
  return { organization, owner: organization.owner, admin, guest, place, ...sent };
}

type Given = Awaited<ReturnType<typeof invitedByAdmin>>;

const endings: readonly (readonly [string, (given: Given) => Promise<Answer>])[] = [
  ['was removed', ({ owner, place }) => owner.acting.delete(place)],
  ['has left', ({ admin }) => admin.acting.post(`${current}/leave`)],
  ['may less', ({ owner, place }) => owner.acting.patch(place, { role: 'member' })],
];

describe('the invitations of an admin', () => {
  test.for(endings)('who %s end, and those of others stay', async ([, goes]) => {
    const given = await invitedByAdmin();
    const { organization, owner, admin, guest, id, token } = given;
    const other = await invite(service, organization, { email: newAddress() });
    expect((await goes(given)).status).toBe(204);

    expect((await accept(service, guest, token)).status).toBe(410);
    expect((await owner.acting.get(path)).body.invitations).toMatchObject([{ id: other.id }]);
    expect(await actsOf(service, organization)).toContainEqual({
      actor: 'system',
      action: 'organization.invitation_withdrawn',
      detail: { invitationId: id, invitedBy: admin.userId },
    });
  });

  test('who has another role that may send them stay', async () => {
    const { owner, guest, place, token } = await invitedByAdmin();
    for (const role of ['owner', 'admin']) {
      expect((await owner.acting.patch(place, { role })).status).toBe(204);
    }
    expect((await accept(service, guest, token)).status).toBe(200);
  });

  test('that somebody else has sent again stay', async () => {
    const { owner, guest, place, id } = await invitedByAdmin();
    await owner.acting.post(`${path}/${id}/resend`);
    await owner.acting.delete(place);
    const token = tokenIn(await mailTo(service.mailFolder, guest.email, 2));
    expect((await accept(service, guest, token)).status).toBe(200);
  });
});
