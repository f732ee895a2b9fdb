import type { BillingDeps } from './service.ts';

export function startGrace(_deps: BillingDeps): { close(): Promise<void> } {
  return { close: async () => {} };
}
