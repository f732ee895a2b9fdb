import type { BillingDeps } from './service.ts';

export interface Checkout {
  readonly isStub: true;
}

export function openCheckout(_deps: BillingDeps): Checkout {
  return { isStub: true };
}
