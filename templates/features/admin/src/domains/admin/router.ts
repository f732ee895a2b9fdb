import type { Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { assetRoutes } from './assets/assets.ts';
import { invitationRoutes } from './operators/invitation-routes.ts';
import { auditExportRoute } from './pages/audit/export-route.ts';
import { pages } from './pages/list.ts';
import { pageRoutes } from './pages/page-routes.ts';
import { separateOrigin } from './settings.ts';
import { signInRoutes } from './sign-in/routes.ts';

export function adminRoutes(services: Services): Route[] {
  const { admin, settings } = services;
  const origin = separateOrigin(settings);
  const routes: Route[] = [
    ...assetRoutes(),
    ...signInRoutes(admin),
    ...invitationRoutes(admin),
    auditExportRoute(services),
    // The last of them takes every other address below /admin.
    ...pageRoutes(services, pages),
  ];
  if (origin === undefined) return routes;
  return routes.map((route) => Object.assign({}, route, { origin }));
}
