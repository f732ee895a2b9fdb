import { signedIn } from '#app/domains/auth/guard.ts';
import type { AuthService } from '#app/domains/auth/service.ts';
import { json, reply, route, type Route } from '#app/http/route.ts';
import {
  alreadySubscribed,
  billingNotConfigured,
  checkoutReplaced,
  stripeUnavailable,
} from './errors.ts';
import { invoiceRoutes } from './invoices/routes.ts';
import { billingPages } from './pages.ts';
import { CheckoutPage, PlanChoice, PortalPage } from './schemas.ts';
import type { BillingService } from './service.ts';
import { subscriptionRoutes } from './subscriptions/routes.ts';
import { webhookRoutes } from './webhooks/routes.ts';

export function billingRoutes({
  auth,
  billing,
}: {
  auth: AuthService;
  billing: BillingService;
}): Route[] {
  return [
    ...pageRoutes(billing, auth),
    ...billingPages(),
    ...subscriptionRoutes(billing, auth),
    ...invoiceRoutes(billing, auth),
    ...webhookRoutes(billing),
  ];
}

/** The pages at Stripe on which an account pays, and looks after how it does. */
function pageRoutes(
  { checkout, portal }: Pick<BillingService, 'checkout' | 'portal'>,
  auth: AuthService,
): Route[] {
  return [
    route({
      method: 'post',
      path: '/v1/billing/checkout',
      summary: 'Begin to subscribe',
      guard: signedIn(auth),
      sensitive: true,
      body: json(PlanChoice),
      answers: { 200: json(CheckoutPage) },
      errors: [alreadySubscribed, checkoutReplaced, stripeUnavailable, billingNotConfigured],
      handler: async ({ identity, body }) =>
        reply(200, await checkout.begin(identity.accountId, body)),
    }),
    route({
      method: 'post',
      path: '/v1/billing/portal',
      summary: 'Open the customer portal',
      guard: signedIn(auth),
      sensitive: true,
      answers: { 200: json(PortalPage) },
      errors: [stripeUnavailable, billingNotConfigured],
      handler: async ({ identity }) => reply(200, await portal.open(identity.accountId)),
    }),
  ];
}
