import type { BillingDeps } from '../service.ts';

export interface Subscriptions {
  readonly isStub: true;
}

export function openSubscriptions(_deps: BillingDeps): Subscriptions {
  return { isStub: true };
}
