import type { BillingDeps } from '../service.ts';

export interface Invoices {
  readonly isStub: true;
}

export function openInvoices(_deps: BillingDeps): Invoices {
  return { isStub: true };
}
