import type { Database } from '#app/database/database.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import type { CookieSettings } from '#app/domains/auth/sign-in/token-cookies.ts';
import type { Route } from '#app/http/route.ts';
import { invitationPages } from './invitations/pages/routes.ts';
import { answerRoutes, invitationRoutes } from './invitations/routes.ts';
import { memberRoutes } from './members/routes.ts';
import { ownOrganizationRoutes } from './routes.ts';
import type { OrganizationService } from './service.ts';

export function organizationRoutes(services: {
  organizations: OrganizationService;
  auth: AuthService;
  database: Database;
  settings: CookieSettings;
}): Route[] {
  const { organizations, auth } = services;
  return [
    ...ownOrganizationRoutes(organizations, auth),
    ...memberRoutes(organizations, auth),
    ...invitationRoutes(organizations, auth),
    ...answerRoutes(organizations, auth),
    ...invitationPages(services),
  ];
}
