import type { BillingDeps } from './service.ts';

export interface Entitlements {
  readonly isStub: true;
}

export function openEntitlements(_deps: BillingDeps): Entitlements {
  return { isStub: true };
}
