import type { AuthService } from '#app/domains/auth/service.ts';
import type { Route } from '#app/http/route.ts';
import type { BillingService } from './service.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export function billingRoutes({
  billing,
}: {
  auth: AuthService;
  billing: BillingService;
}): Route[] {
  return [...webhookRoutes(billing)];
}
