import type { Route } from '#app/http/route.ts';
import type { Services } from '#app/lifecycle.ts';
import { auditExportRoute } from './pages/audit/export-route.ts';
import { pages } from './pages/list.ts';
import { pageRoutes } from './pages/page-routes.ts';

export function adminRoutes(services: Services): Route[] {
  return [auditExportRoute(services), ...pageRoutes(services, pages)];
}
