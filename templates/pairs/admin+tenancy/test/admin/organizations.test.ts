import { beforeAll, expect, test } from 'vitest';
import {
  actsOf,
  addMember,
  invite,
  newAddress,
  newOrganization,
  rolesIn,
  type TestOrganization,
} from '../organizations/support/organizations.ts';
import { mailTo } from '../support/sent-mail.ts';
import { useService } from '../support/service.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { tagsOf, unescape } from './support/page.ts';

const service = useService();

let owner: SignedInOperator;
let support: SignedInOperator;
let onlooker: SignedInOperator;
let organization: TestOrganization;

beforeAll(async () => {
  owner = await signInOperator(service, 'owner');
  support = await signInOperator(service, 'support');
  onlooker = await signInOperator(service, 'read-only');
  organization = await newOrganization(service);
});

const pathOf = ({ accountId }: Pick<TestOrganization, 'accountId'>) =>
  `/admin/organizations/${accountId}`;

async function search(text: string): Promise<string[]> {
  const { body } = await support.get(`/admin/organizations?q=${encodeURIComponent(text)}`);
  const links = String(body).matchAll(/href="\/admin\/organizations\/([^"]+)"/g);
  return [...links].map(([, id = '']) => id);
}

test('an organization is found by the beginning of its name or slug, and by its id', async () => {
  const { accountId, name, slug } = organization;
  for (const text of [accountId, name, name.slice(0, -2).toLowerCase(), slug, slug.slice(0, -2)]) {
    expect([text, await search(` ${text} `)]).toEqual([text, [accountId]]);
  }
  for (const text of ['%', '_', name.slice(1), 'Überall', accountId.replace(/.$/, 'x')]) {
    expect([text, await search(text)]).toEqual([text, []]);
  }
  expect(await search('')).toContain(accountId);
});

test('a list goes on after its page, and shows each once', async () => {
  for (let index = 0; index < 51; index += 1) {
    const id = `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`;
    await service.database.connection.query("INSERT INTO accounts (id, name) VALUES (?, 'Old')", [
      id,
    ]);
    await service.database.connection.query(
      "INSERT INTO organizations (account_id, name, slug) VALUES (?, 'Old', ?)",
      [id, `old-${index}`],
    );
  }
  const ids: string[] = [];
  let path: string | undefined = '/admin/organizations';
  while (path !== undefined) {
    const { body } = await support.get(path);
    const links = String(body).matchAll(/href="\/admin\/organizations\/([^"]+)"/g);
    ids.push(...[...links].map(([, id = '']) => id));
    const [, next] = /<a href="([^"]+)" rel="next">/.exec(String(body)) ?? [];
    path = next === undefined ? undefined : unescape(next);
  }
  expect(ids).toHaveLength(new Set(ids).size);
  expect(ids.length).toBeGreaterThan(51);
});

test('its page shows its people, who was invited, and what was recorded', async () => {
  const member = await addMember(service, organization, 'viewer');
  const email = newAddress();
  await invite(service, organization, { email });
  const { status, body } = await onlooker.get(pathOf(organization));
  expect(status).toBe(200);
  const page = unescape(String(body));
  for (const text of [
    organization.name,
    organization.slug,
    organization.owner.email,
    member.email,
    email,
    'Viewer',
    'organization.member_invited',
    `/admin/customers/${member.userId}`,
  ]) {
    expect(page).toContain(text);
  }
  expect(page).not.toContain(`${pathOf(organization)}/`);
  expect(
    (await onlooker.get('/admin/organizations/00000000-0000-4000-8000-000000000000')).status,
  ).toBe(404);
});

test('a customer’s page leads to their organizations', async () => {
  const { body } = await onlooker.get(`/admin/customers/${organization.owner.userId}`);
  expect(body).toContain(`href="${pathOf(organization)}"`);
});

test('support changes roles, removes members and revokes invitations, and all of it is recorded', async () => {
  const own = await newOrganization(service);
  const member = await addMember(service, own, 'viewer');
  const { id, token } = await invite(service, own, { email: newAddress() });
  const path = pathOf(own);
  const actor = `admin:${support.id}`;

  const changed = await support.post(`${path}/change-role`, { user: member.userId, role: 'admin' });
  expect(changed.status).toBe(303);
  expect(await rolesIn(service, own)).toMatchObject({ [member.userId]: 'admin' });
  expect((await support.post(`${path}/revoke-invitation`, { invitation: id })).status).toBe(303);
  const shown = await service.post('/v1/organizations/invitations/show', { token });
  expect(shown.status).toBe(410);
  const removal = { user: member.userId, _confirm: 'on' };
  expect((await support.post(`${path}/remove-member`, removal)).status).toBe(303);
  expect(await rolesIn(service, own)).toEqual({ [own.owner.userId]: 'owner' });
  const mail = await mailTo(service.mailFolder, member.email);
  expect(mail.subject).toContain('no longer a member');
  expect((await actsOf(service, own)).slice(-3)).toEqual([
    {
      actor,
      action: 'organization.role_changed',
      detail: { userId: member.userId, from: 'viewer', to: 'admin' },
    },
    { actor, action: 'organization.invitation_revoked', detail: { invitationId: id } },
    {
      actor,
      action: 'organization.member_removed',
      detail: { userId: member.userId, role: 'admin' },
    },
  ]);
});

test('an operator cannot leave an organization without an owner', async () => {
  const own = await newOrganization(service);
  const { userId } = own.owner;
  for (const [action, input] of [
    ['change-role', { user: userId, role: 'member', _key: userId }],
    ['remove-member', { user: userId, _confirm: 'on', _key: userId }],
  ] as const) {
    const refused = await support.post(`${pathOf(own)}/${action}`, input);
    expect(refused.status).toBe(422);
    expect(refused.body).toContain('Make somebody else an owner first');
  }
  expect(await rolesIn(service, own)).toEqual({ [userId]: 'owner' });
});

test('an operator who has proved the second factor too long ago is asked for it before people are changed', async () => {
  const own = await newOrganization(service);
  const { userId } = await addMember(service, own, 'viewer');
  const stale = await signInOperator(service, 'support', { stale: true });
  for (const [action, input] of [
    ['change-role', { user: userId, role: 'owner' }],
    ['remove-member', { user: userId, _confirm: 'on' }],
  ] as const) {
    const asked = await stale.post(`${pathOf(own)}/${action}`, input);
    expect(asked.body).toContain('name="_code"');
  }
  expect(await rolesIn(service, own)).toMatchObject({ [userId]: 'viewer' });
});

test('only an owner of the service deletes an organization, which is recorded', async () => {
  const own = await newOrganization(service);
  const path = `${pathOf(own)}/delete`;
  expect((await support.post(path, { _confirm: 'on' })).status).toBe(403);
  expect((await owner.post(path)).status).toBe(422);
  const deleted = await owner.post(path, { _confirm: 'on' });
  expect(deleted.status).toBe(303);
  expect((await actsOf(service, own)).at(-1)).toMatchObject({
    actor: `admin:${owner.id}`,
    action: 'organization.deleted',
  });
  const left = async () => (await owner.get(pathOf(own))).status;
  await expect.poll(left, { timeout: 20_000 }).toBe(404);
});

test.for([
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</td></tr></table><form action=/x>',
])('a name such as %s is text on every page', async (name) => {
  const [hostile, plain] = [await pagesOf(name), await pagesOf(`plain ${name.length}`)];
  for (const [index, page] of hostile.entries()) {
    expect(unescape(page)).toContain(name);
    expect(tagsOf(page)).toEqual(tagsOf(plain[index] ?? ''));
  }
});

/** The pages that show an organization of this name. */
async function pagesOf(called: string): Promise<string[]> {
  const own = await newOrganization(service, called);
  await service.database.connection.query('UPDATE memberships SET role = ? WHERE account_id = ?', [
    called.slice(0, 30),
    own.accountId,
  ]);
  const paths = [
    `/admin/organizations?q=${encodeURIComponent(called)}`,
    pathOf(own),
    `/admin/customers/${own.owner.userId}`,
  ];
  return Promise.all(paths.map(async (path) => String((await support.get(path)).body)));
}
