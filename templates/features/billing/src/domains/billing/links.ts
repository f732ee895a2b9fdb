/**
 * Where Stripe's pages and the mails about billing lead to: plain pages (see pages.ts) until you have
 * some of your own. They only say something. What was paid for is given by Stripe's events, whether
 * or not anybody comes back.
 */
export const billingPaths = {
  /** Where an account sees what it has, and pays. */
  page: '/billing',
  /** After paying. `{CHECKOUT_SESSION_ID}` in it would be replaced by Stripe. */
  paid: '/billing/paid',
  /** After leaving the page on which one pays. */
  notPaid: '/billing/not-paid',
  /** After the customer portal. */
  portalLeft: '/billing/done',
} as const;

export type BillingLinks = Readonly<Record<keyof typeof billingPaths, string>>;

/** Makes links from APP_ORIGIN alone: what a request calls this host may be an attacker's. */
export function billingLinks(origin: string): BillingLinks {
  return {
    page: origin + billingPaths.page,
    paid: origin + billingPaths.paid,
    notPaid: origin + billingPaths.notPaid,
    portalLeft: origin + billingPaths.portalLeft,
  };
}
