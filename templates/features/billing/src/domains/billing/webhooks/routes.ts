import type { Route } from '#app/http/route.ts';
import type { BillingService } from '../service.ts';

export function webhookRoutes(_billing: BillingService): Route[] {
  return [];
}
