import type { BillingDeps } from '../service.ts';

export interface Refunds {
  readonly isStub: true;
}

export function openRefunds(_deps: BillingDeps): Refunds {
  return { isStub: true };
}
