import { signedIn } from '#app/domains/auth/guard.ts';
import {
  invalidCode,
  secondFactorRequired,
  signInBusy,
  tooManyAttempts,
  wrongPassword,
} from '#app/domains/auth/errors.ts';
import { proofOf } from '#app/domains/auth/second-factor/prove-factor.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { notFound } from '#app/http/errors.ts';
import { empty, json, reply, route, type Route } from '#app/http/route.ts';
import { deletionErrors } from './deletion/deletion.ts';
import { slugTaken } from './errors.ts';
import type { OwnOrganization, Seats } from './organizations.ts';
import { permissionsOf } from './roles.ts';
import * as schemas from './schemas.ts';
import type { OrganizationService } from './service.ts';

/** What takes a proof of who is there. */
const proofErrors = [wrongPassword, secondFactorRequired, invalidCode, tooManyAttempts, signInBusy];

/** The organizations of a person, and the one that the token is for. */
export function ownOrganizationRoutes(service: OrganizationService, auth: AuthService): Route[] {
  return [...personalRoutes(service, auth), ...currentRoutes(service, auth)];
}

function personalRoutes(
  { organizations, switching }: OrganizationService,
  auth: AuthService,
): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/organizations',
      summary: 'Create an organization, and own it',
      guard: signedIn(auth),
      sensitive: true,
      idempotent: true,
      permission: 'own',
      body: json(schemas.OrganizationInput),
      answers: { 201: json(schemas.Organization) },
      errors: [slugTaken],
      handler: async ({ identity, body }) =>
        reply(201, present(await organizations.create(identity.userId, body))),
    }),
    route({
      method: 'get',
      path: '/v1/organizations',
      summary: 'List the organizations that you belong to',
      guard: signedIn(auth),
      permission: 'own',
      answers: { 200: json(schemas.OrganizationList) },
      handler: async ({ identity }) => {
        const own = await organizations.listOf(identity.userId);
        return reply(200, { organizations: own.map(present) });
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/switch',
      summary: 'Act for another account from now on',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'own',
      body: json(schemas.AccountChoice),
      answers: { 200: json(schemas.SwitchedToken) },
      errors: [notFound],
      handler: async ({ identity, body }) => {
        const switched = await switching.to(identity, body.accountId);
        return reply(200, { ...switched, tokenType: 'Bearer' as const });
      },
    }),
  ];
}

function currentRoutes(
  { organizations, transfer, deletion }: OrganizationService,
  auth: AuthService,
): Route[] {
  return [
    route({
      method: 'get',
      path: '/v1/organizations/current',
      summary: 'Show the organization that you act for',
      guard: signedIn(auth),
      answers: { 200: json(schemas.CurrentOrganization) },
      errors: [notFound],
      handler: async ({ identity }) => {
        const organization = await organizations.find(identity);
        const seats = await organizations.seats(identity.accountId);
        return reply(200, presentCurrent(organization, seats));
      },
    }),
    route({
      method: 'patch',
      path: '/v1/organizations/current',
      summary: 'Rename the organization',
      guard: signedIn(auth),
      permission: 'organization:manage',
      body: json(schemas.OrganizationUpdate),
      answers: { 200: json(schemas.Organization) },
      errors: [notFound, slugTaken],
      handler: async ({ identity, body }) =>
        reply(200, present(await organizations.change(identity, body))),
    }),
    route({
      method: 'delete',
      path: '/v1/organizations/current',
      summary: 'Delete the organization, with all that it has stored',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'organization:delete',
      body: json(schemas.OrganizationDeletion),
      answers: { 202: empty() },
      errors: [notFound, ...deletionErrors, ...proofErrors],
      handler: async ({ identity, body }) => {
        await deletion.delete(identity, personalProof(body));
        return reply(202);
      },
    }),
    route({
      method: 'post',
      path: '/v1/organizations/current/transfer',
      summary: 'Hand the organization over to another member',
      guard: signedIn(auth),
      sensitive: true,
      permission: 'organization:transfer',
      body: json(schemas.OwnershipTransfer),
      answers: { 204: empty() },
      errors: [notFound, ...proofErrors],
      handler: async ({ identity, body }) => {
        await transfer.handOver(identity, body.userId, personalProof(body));
        return reply(204);
      },
    }),
  ];
}

function personalProof(input: {
  readonly currentPassword: string;
  readonly code?: string | undefined;
  readonly recoveryCode?: string | undefined;
}) {
  return { currentPassword: input.currentPassword, factor: proofOf(input) };
}

function presentCurrent(organization: OwnOrganization, { taken, limit }: Seats) {
  const permissions: string[] = [...permissionsOf(organization.role)];
  const seats = { taken, limit: Number.isFinite(limit) ? limit : null };
  return { ...present(organization), permissions, seats };
}

function present({ accountId, name, slug, role, createdAt }: OwnOrganization) {
  return { accountId, name, slug, role, createdAt: createdAt.toISOString() };
}
