import {
  emailNotVerified,
  emailTaken,
  invalidLink,
  signInBusy,
  tooManyAttempts,
  weakPassword,
} from '#app/domains/auth/errors.ts';
import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { notFound } from '#app/http/errors.ts';
import { empty, json, open, reply, route, type Route } from '#app/http/route.ts';
import { alreadyInvited, alreadyMember, invitationForAnother, seatsTaken } from '../errors.ts';
import { pageOf } from '../list-page.ts';
import * as schemas from '../schemas.ts';
import type { OrganizationService } from '../service.ts';
import type { OpenInvitation } from './answers.ts';
import type { Invitation } from './invitations.ts';

/** Invitations to the organization that the token is for. */
export function invitationRoutes({ invitations }: OrganizationService, auth: AuthService): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/organizations/current/invitations',
      summary: 'List the invitations that were not answered',
      guard: signedIn(auth),
      permission: 'members:invite',
      query: schemas.PageQuery,
      answers: { 200: json(schemas.InvitationPage) },
      handler: async ({ identity, query }) => {
        const list = (page: { after?: string | undefined; limit: number }) =>
          invitations.list(identity.accountId, page);
        const { rows, nextCursor } = await pageOf(list, query, ({ id }) => id);
        return reply(200, { invitations: rows.map(present), nextCursor });
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/current/invitations',
      summary: 'Invite an address',
      guard: signedIn(auth),
      sensitive: true,
      idempotent: true,
      permission: 'members:invite',
      body: json(schemas.InvitationInput),
      answers: { 201: json(schemas.Invitation) },
      errors: [
        notFound,
        emailNotVerified,
        alreadyMember,
        alreadyInvited,
        seatsTaken,
        tooManyAttempts,
      ],
      handler: async ({ identity, body, request }) => {
        const sender = { ...identity, ip: request.ip };
        return reply(201, present(await invitations.invite(sender, body)));
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/current/invitations/:id/resend',
      summary: 'Send an invitation again, with a new link',
      guard: signedIn(auth),
      sensitive: true,
      idempotent: true,
      permission: 'members:invite',
      params: schemas.InvitationParams,
      answers: { 200: json(schemas.Invitation) },
      errors: [notFound, emailNotVerified, seatsTaken, tooManyAttempts],
      handler: async ({ identity, params, request }) => {
        const sender = { ...identity, ip: request.ip };
        return reply(200, present(await invitations.resend(sender, params.id)));
      },
    }),
    route({
      method: 'delete',
      path: '/v1/organizations/current/invitations/:id',
      summary: 'Revoke an invitation',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'members:invite',
      params: schemas.InvitationParams,
      answers: { 204: empty() },
      errors: [notFound],
      handler: async ({ identity, params }) => {
        await invitations.revoke(identity, params.id);
        return reply(204);
      },
    }),
  ];
}

/** What whoever holds a link can do. The token is in the body: addresses are written down everywhere. */
export function answerRoutes({ answers }: OrganizationService, auth: AuthService): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/organizations/invitations/show',
      summary: 'Show the invitation that a link is for',
      guard: open,
      body: json(schemas.InvitationToken),
      answers: { 200: json(schemas.ReceivedInvitation) },
      errors: [invalidLink],
      handler: async ({ body }) => {
        const invitation = await answers.find(body.token);
        if (invitation === undefined) throw invalidLink();
        return reply(200, presentReceived(invitation));
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/invitations/accept',
      summary: 'Accept an invitation to your address',
      guard: signedIn(auth),
      sensitive: true,
      idempotent: true,
      permission: 'own',
      body: json(schemas.InvitationToken),
      answers: { 200: json(schemas.JoinedOrganization) },
      errors: [invalidLink, invitationForAnother, seatsTaken],
      handler: async ({ identity, body }) =>
        reply(200, await answers.accept(identity.userId, body.token)),
    }),
    route({
      method: 'post',
      path: '/v1/organizations/invitations/register',
      summary: 'Register with the address that was invited, and accept',
      guard: open,
      body: json(schemas.InvitationRegistration),
      answers: { 201: json(schemas.JoinedOrganization) },
      errors: [invalidLink, emailTaken, weakPassword, seatsTaken, signInBusy],
      handler: async ({ body }) => reply(201, await answers.register(body)),
    }),
    route({
      method: 'post',
      path: '/v1/organizations/invitations/decline',
      summary: 'Decline an invitation',
      guard: open,
      body: json(schemas.InvitationToken),
      answers: { 204: empty() },
      errors: [invalidLink],
      handler: async ({ body }) => {
        await answers.decline(body.token);
        return reply(204);
      },
    }),
  ];
}

function present(invitation: Invitation) {
  const { id, email, role, invitedBy, createdAt, expiresAt, isExpired } = invitation;
  return {
    id,
    email,
    role,
    invitedBy,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
    expired: isExpired,
  };
}

function presentReceived(invitation: OpenInvitation) {
  const { organization, email, role, invitedBy, expiresAt, isRegistered } = invitation;
  return {
    organization: { name: organization.name },
    email,
    role,
    invitedBy,
    expiresAt: expiresAt.toISOString(),
    registered: isRegistered,
  };
}
