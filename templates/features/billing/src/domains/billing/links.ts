/** Where Stripe's pages lead back to: pages of yours. Nothing is granted there, Stripe's events do. */
export interface BillingLinks {
  /** Where an account sees what it has, and pays. */
  readonly page: string;
  /** After paying; Stripe puts the session's id in its place. */
  readonly paid: string;
  /** After leaving the page on which one pays. */
  readonly notPaid: string;
  /** After the customer portal. */
  readonly portalLeft: string;
}

/** Makes links from APP_ORIGIN alone: what a request calls this host may be an attacker's. */
export function billingLinks(origin: string): BillingLinks {
  return {
    page: `${origin}/billing`,
    paid: `${origin}/billing?checkout=paid&session={CHECKOUT_SESSION_ID}`,
    notPaid: `${origin}/billing?checkout=left`,
    portalLeft: `${origin}/billing`,
  };
}
