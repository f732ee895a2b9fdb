// A route that says which entitlement it takes is one that other accounts are refused.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { signedIn } from '#app/domains/auth/guard.ts';
import { entitlementNames, type Entitlement } from '#app/domains/licenses/entitlements.ts';
import { empty, reply, route } from '#app/http/route.ts';
import { openServer, type HttpServer } from '#app/http/server.ts';
import {
  addMember,
  newOrganization,
  type TestMember,
} from '../organizations/support/organizations.ts';
import { tokenFor } from '../organizations/support/people.ts';
import { request } from '../support/service.ts';
import { grantTo, revokeFrom, useLicenses } from './support/licenses.ts';

const licenses = useLicenses();
const [name]: readonly Entitlement[] = entitlementNames;
let server: HttpServer;

beforeAll(async () => {
  const { services } = licenses;
  const probe = route({
    method: 'get',
    path: '/v1/probe',
    summary: 'Answer those who are entitled to it',
    ...(name !== undefined && { entitlement: name }),
    guard: signedIn(services.auth),
    answers: { 204: empty() },
    handler: async () => reply(204),
  });
  server = await openServer(services, [{ name: 'probe', routes: [probe] }]);
});
afterAll(() => server.close());

test.runIf(name)(
  'it is for accounts whose license includes that, and for their members alone',
  async () => {
    const { service } = licenses;
    const organization = await newOrganization(service);
    const { owner, accountId } = organization;
    const member = await addMember(service, organization, 'viewer');
    const ask = async (who: TestMember) => {
      const authorization = `Bearer ${await tokenFor(service, who, accountId)}`;
      const { status, body } = await request(server.url, '/v1/probe', {
        headers: { authorization },
      });
      return [status, body.code];
    };
    expect(await ask(member)).toEqual([403, 'entitlement_missing']);
    const id = await grantTo(licenses, accountId, { entitlements: entitlementNames });
    expect(await ask(member)).toEqual([204, undefined]);
    await owner.acting.delete(`/v1/organizations/current/members/${member.userId}`);
    expect(await ask(member)).toEqual([403, 'not_a_member']);
    await revokeFrom(licenses, accountId, id);
    expect(await ask(owner)).toEqual([403, 'entitlement_missing']);
  },
);

test.runIf(name)('the description of the API says so', async () => {
  const { body } = await request(server.url, '/openapi.json', {});
  expect(body.paths['/v1/probe'].get.responses['403'].description).toContain(
    '`entitlement_missing`',
  );
});
