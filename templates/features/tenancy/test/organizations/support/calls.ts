import type { RouteCall, RouteCalls } from '../../support/route-call.ts';
import type { Tenant } from '../../support/tenant.ts';
import { addMember, newAddress } from './organizations.ts';
import { madeOf } from './tenant.ts';

/** How routes of organizations are called that take an id: by who acts for one. */
export const organizationCalls: RouteCalls = {
  'post /v1/organizations/switch': async ({ accountId }) => ({ body: { accountId } }),
  'get /v1/organizations/current/members': async (tenant) =>
    withMember(tenant, (userId) => ({ query: { cursor: userId } })),
  'patch /v1/organizations/current/members/{userId}': async (tenant) =>
    withMember(tenant, (userId) => ({ params: { userId }, body: { role: 'viewer' } })),
  'delete /v1/organizations/current/members/{userId}': async (tenant) =>
    withMember(tenant, (userId) => ({ params: { userId } })),
  'post /v1/organizations/current/transfer': async (tenant) => {
    const currentPassword = madeOf(tenant)?.organization.owner.password;
    return withMember(tenant, (userId) => ({ body: { userId, currentPassword } }));
  },
  'get /v1/organizations/current/invitations': async (tenant) =>
    withInvitation(tenant, (id) => ({ query: { cursor: id } })),
  'post /v1/organizations/current/invitations/{id}/resend': async (tenant) =>
    withInvitation(tenant, (id) => ({ params: { id } })),
  'delete /v1/organizations/current/invitations/{id}': async (tenant) =>
    withInvitation(tenant, (id) => ({ params: { id } })),
};

async function withMember(
  tenant: Tenant,
  call: (userId: string) => RouteCall,
): Promise<RouteCall | undefined> {
  const made = madeOf(tenant);
  return made && call((await addMember(made.service, made.organization)).userId);
}

async function withInvitation(
  tenant: Tenant,
  call: (id: string) => RouteCall,
): Promise<RouteCall | undefined> {
  if (madeOf(tenant) === undefined) return undefined;
  const invited = { email: newAddress(), role: 'member' };
  const { body } = await tenant.post('/v1/organizations/current/invitations', invited);
  return call(body.id);
}
