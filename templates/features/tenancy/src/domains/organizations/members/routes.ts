import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { notFound } from '#app/http/errors.ts';
import { empty, json, reply, route, type Route } from '#app/http/route.ts';
import { ownerNeeded } from '../errors.ts';
import { pageOf } from '../list-page.ts';
import * as schemas from '../schemas.ts';
import type { OrganizationService } from '../service.ts';
import type { ListedMember } from './members.ts';

/** Who belongs to the organization that the token is for. */
export function memberRoutes({ members }: OrganizationService, auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/organizations/current/members',
      summary: 'List the members',
      guard: signedIn(auth),
      query: schemas.PageQuery,
      answers: { 200: json(schemas.MemberPage) },
      handler: async ({ identity, query }) => {
        const list = (page: { after?: string | undefined; limit: number }) =>
          members.list(identity.accountId, page);
        const { rows, nextCursor } = await pageOf(list, query, ({ userId }) => userId);
        return reply(200, { members: rows.map(present), nextCursor });
      },
    }),
    route({
      method: 'patch',
      path: '/v1/organizations/current/members/:userId',
      summary: 'Give a member another role',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'members:manage',
      params: schemas.MemberParams,
      body: json(schemas.MemberChange),
      answers: { 204: empty() },
      errors: [notFound, ownerNeeded],
      handler: async ({ identity, params, body }) => {
        await members.changeRole(identity, params.userId, body.role);
        return reply(204);
      },
    }),
    route({
      method: 'delete',
      path: '/v1/organizations/current/members/:userId',
      summary: 'Remove a member',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'members:manage',
      params: schemas.MemberParams,
      answers: { 204: empty() },
      errors: [notFound, ownerNeeded],
      handler: async ({ identity, params }) => {
        await members.remove(identity, params.userId);
        return reply(204);
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/current/leave',
      summary: 'Leave the organization',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'read',
      answers: { 204: empty() },
      errors: [notFound, ownerNeeded],
      handler: async ({ identity }) => {
        await members.leave(identity);
        return reply(204);
      },
    }),
  ];
}

function present({ userId, email, role, createdAt }: ListedMember) {
  return { userId, email, role, createdAt: createdAt.toISOString() };
}
