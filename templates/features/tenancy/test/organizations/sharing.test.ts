// What an organization has is there for its members, whoever made it, and changed by those who may
// write. The routes are those of the project's own domains, as many as there are.
import { beforeAll, expect, test } from 'vitest';
import { useService, type Answer } from '../support/service.ts';
import type { Tenant } from '../support/tenant.ts';
import { domainCalls, type DomainCall } from './support/domain-calls.ts';
import {
  addMember,
  newOrganization,
  type TestMember,
  type TestOrganization,
} from './support/organizations.ts';

const service = useService();

let organization: TestOrganization;
let stranger: TestOrganization;
let viewer: TestMember;
let member: TestMember;

beforeAll(async () => {
  organization = await newOrganization(service);
  stranger = await newOrganization(service);
  viewer = await addMember(service, organization, 'viewer');
  member = await addMember(service, organization, 'member');
});

/** Has the owner make what a route is about, and gives what asks that route for it. */
async function prepare({ method, call, pathOf }: DomainCall) {
  const { params, query, body } = (await call(organization.owner.acting)) ?? {};
  const path = pathOf(params, query);
  const ask = ({ acting }: { acting: Tenant }): Promise<Answer> =>
    method === 'get' ? acting.get(path) : acting[method](path, body);
  return { name: `${method} ${path}`, isOfOne: params !== undefined, ask };
}

test('members see what others have made, and strangers do not', async () => {
  const members = '/v1/organizations/current/members';
  const [byOwner, byViewer] = [
    await organization.owner.acting.get(members),
    await viewer.acting.get(members),
  ];
  expect(byViewer.body).toEqual(byOwner.body);

  for (const each of domainCalls.filter(({ method }) => method === 'get')) {
    const { name, isOfOne, ask } = await prepare(each);
    const seen = await ask(organization.owner);
    expect([name, seen.status]).toEqual([name, 200]);
    for (const who of [viewer, member]) expect((await ask(who)).body).toEqual(seen.body);
    const strange = await ask(stranger.owner);
    expect([name, strange.status]).toEqual([name, isOfOne ? 404 : 200]);
  }
});

test('members change what others have made, and viewers and strangers do not', async () => {
  const rename = await viewer.acting.patch('/v1/organizations/current', { name: 'Other' });
  expect([rename.status, rename.body.code]).toEqual([403, 'role_insufficient']);

  for (const each of domainCalls.filter(({ method }) => method !== 'get')) {
    const { name, isOfOne, ask } = await prepare(each);
    const refused = await ask(viewer);
    expect([name, refused.status, refused.body.code]).toEqual([name, 403, 'role_insufficient']);
    expect([name, (await ask(stranger.owner)).status]).toEqual([name, isOfOne ? 404 : 422]);
    expect([name, (await ask(member)).status]).toEqual([name, expect.toBeOneOf([200, 201, 204])]);
  }
});
