import type { AuthService } from '#app/domains/auth/service.ts';
import type { Route } from '#app/http/route.ts';
import type { BillingService } from './service.ts';
import { invoiceRoutes } from './invoices/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export function billingRoutes({
  auth,
  billing,
}: {
  auth: AuthService;
  billing: BillingService;
}): Route[] {
  return [...invoiceRoutes(billing, auth), ...webhookRoutes(billing)];
}
