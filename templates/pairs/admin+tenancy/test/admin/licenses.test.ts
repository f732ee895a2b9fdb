import { beforeAll, beforeEach, expect, test } from 'vitest';
import { entitlementNames } from '#app/domains/licenses/entitlements.ts';
import { newOrganization, type TestOrganization } from '../organizations/support/organizations.ts';
import { addPerson } from '../organizations/support/people.ts';
import { endsIn, grantTo, licenseActs, reason, useLicenses } from '../licenses/support/licenses.ts';
import { signInOperator, type SignedInOperator } from './support/operator.ts';
import { tagsOf, unescape } from './support/page.ts';

const licenses = useLicenses({ ORGANIZATION_SEATS: '2' });

let owner: SignedInOperator;
let support: SignedInOperator;
let organization: TestOrganization;

beforeAll(async () => {
  owner = await signInOperator(licenses.service, 'owner');
  support = await signInOperator(licenses.service, 'support');
});
beforeEach(async () => {
  organization = await newOrganization(licenses.service);
});

const pathOf = ({ accountId }: Pick<TestOrganization, 'accountId'>) =>
  `/admin/organizations/${accountId}`;
const inForce = (accountId: string) => licenses.services.licenses.of(accountId);
const pageAt = async (path: string, operator = owner) =>
  unescape(String((await operator.get(path)).body));

/** The form as a browser sends it: also the fields that were left empty. */
const form = (filled: Readonly<Record<string, string>>) => ({
  seats: '',
  entitlements: '',
  expires: '',
  reason,
  ...filled,
});

test('an owner grants and revokes on the page of an organization, and all of it is recorded', async () => {
  const { accountId } = organization;
  const path = pathOf(organization);
  const granted = await owner.post(
    `${path}/grant-license`,
    form({ seats: '25', entitlements: entitlementNames.join(', '), expires: '2099-12-31' }),
  );
  expect([granted.status, granted.headers.get('location')]).toEqual([
    303,
    `${path}?done=grant-license`,
  ]);
  const expiresAt = new Date('2100-01-01T00:00:00.000Z');
  expect(await inForce(accountId)).toMatchObject({ source: 'grant', seats: 25, expiresAt });

  const page = await pageAt(path);
  for (const text of ['By what was granted', '25', 'in force', reason, `admin:${owner.id}`]) {
    expect(page).toContain(text);
  }
  const [, grant = ''] = /name="grant" value="([^"]+)"/.exec(page) ?? [];
  const revoked = await owner.post(`${path}/revoke-license`, { grant, reason, _key: grant });
  expect(revoked.status).toBe(303);
  expect(await inForce(accountId)).toMatchObject({ source: 'none', seats: 2 });
  expect(await pageAt(path)).toContain('revoked');

  const actor = `admin:${owner.id}`;
  const acts = await licenseActs(licenses, accountId);
  expect(acts.filter(({ action }) => action.startsWith('license.'))).toMatchObject([
    { actor, action: 'license.granted', detail: { grantId: grant, seats: 25, reason } },
    { actor, action: 'license.revoked', detail: { grantId: grant, reason } },
  ]);
  const again = await owner.post(`${path}/revoke-license`, { grant, reason, _key: grant });
  expect(again.status).toBe(422);
});

test('a form that is sent twice grants once, and once more with something else in it', async () => {
  const { accountId } = organization;
  const path = pathOf(organization);
  const [, _once = ''] = /name="_once" value="([^"]+)"/.exec(await pageAt(path)) ?? [];
  const grant = async (seats: string) => {
    const { status } = await owner.post(`${path}/grant-license`, { ...form({ seats }), _once });
    expect(status).toBe(303);
    return (await licenses.services.licenses.grants.list(accountId)).length;
  };
  expect([await grant('7'), await grant('7'), await grant('8')]).toEqual([1, 1, 2]);
});

test('one takes the place of all that are in force, where its box is ticked', async () => {
  const { accountId } = organization;
  for (const seats of [7, 9]) await grantTo(licenses, accountId, { seats });
  const path = `${pathOf(organization)}/grant-license`;
  await owner.post(path, form({ seats: '3' }));
  expect((await inForce(accountId)).seats).toBe(9);
  await owner.post(path, form({ seats: '3', replace: 'on' }));
  expect((await inForce(accountId)).seats).toBe(3);
});

test('a customer’s page has the license of the own account', async () => {
  const person = await addPerson(licenses.service);
  const path = `/admin/customers/${person.userId}`;
  const filled = form({ entitlements: entitlementNames.join(',') });
  expect((await owner.post(`${path}/grant-license`, filled)).status).toBe(303);
  const { entitlements } = await inForce(person.homeId);
  expect(new Set(entitlements)).toEqual(new Set(entitlementNames));
  const page = await pageAt(path);
  const [, grant = ''] = /name="grant" value="([^"]+)"/.exec(page) ?? [];
  const revoked = await owner.post(`${path}/revoke-license`, { grant, reason, _key: grant });
  expect(revoked.status).toBe(303);
  expect((await inForce(person.homeId)).source).toBe('none');
});

test('what is refused says why in the form, and grants nothing', async () => {
  const { accountId } = organization;
  for (const [filled, why] of [
    [{ seats: '0' }, 'At least 1.'],
    [{ seats: '2.5' }, 'A whole number.'],
    [{ entitlements: 'nonsense' }, 'There is no nonsense'],
    [{ expires: '2020-01-31' }, 'That day is over already.'],
    [{ expires: 'tomorrow' }, 'A day such as'],
    [{ reason: 'short' }, 'at least 10 characters'],
  ] as const) {
    const { status, body } = await owner.post(
      `${pathOf(organization)}/grant-license`,
      form(filled),
    );
    expect([filled, status]).toEqual([filled, 422]);
    expect(unescape(String(body))).toContain(why);
  }
  expect(await licenses.services.licenses.grants.list(accountId)).toEqual([]);
});

test('support sees licenses, and neither grants nor revokes', async () => {
  const { accountId } = organization;
  const grant = await grantTo(licenses, accountId, { seats: 5 });
  const path = pathOf(organization);
  const page = await pageAt(path, support);
  expect(page).toContain(reason);
  expect(page).not.toMatch(/(?:grant|revoke)-license/);
  expect((await support.post(`${path}/grant-license`, form({ seats: '9' }))).status).toBe(403);
  expect((await support.post(`${path}/revoke-license`, { grant, reason })).status).toBe(403);
  expect((await inForce(accountId)).seats).toBe(5);
});

test('an operator who has proved the second factor too long ago is asked for it', async () => {
  const stale = await signInOperator(licenses.service, 'owner', { stale: true });
  const asked = await stale.post(`${pathOf(organization)}/grant-license`, form({ seats: '9' }));
  expect(asked.body).toContain('name="_code"');
  expect((await inForce(organization.accountId)).source).toBe('none');
});

test('one that has ended is shown as such, and cannot be revoked', async () => {
  const grant = await grantTo(licenses, organization.accountId, { seats: 5 });
  await endsIn(licenses, grant, -1);
  const page = await pageAt(pathOf(organization));
  expect(page).toContain('ended');
  expect(page).not.toContain(`value="${grant}"`);
});

test.for(['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', '</td></tr></table>'])(
  'a reason such as %s is text',
  async (hostile) => {
    const [plain, odd] = [organization, await newOrganization(licenses.service)];
    await grantTo(licenses, plain.accountId, { seats: 5 });
    await grantTo(licenses, odd.accountId, { seats: 5, reason: hostile });
    const [expected, page] = [await pageAt(pathOf(plain)), await pageAt(pathOf(odd))];
    expect(page).toContain(hostile);
    const raw = String((await owner.get(pathOf(odd))).body);
    expect(tagsOf(raw)).toEqual(tagsOf(String((await owner.get(pathOf(plain))).body)));
    expect(expected).not.toContain(hostile);
  },
);
