import type { BillingDeps } from './service.ts';

export interface Portal {
  readonly isStub: true;
}

export function openPortal(_deps: BillingDeps): Portal {
  return { isStub: true };
}
