import type { BillingDeps } from '../service.ts';
import type { Handler } from './handler.ts';

export type Received = 'received' | 'duplicate' | 'ignored';

export interface Inbox {
  /**
   * Takes an event as it came. Resolves when it is stored for good, and usually processed.
   *
   * @throws AppError (400) where nobody whom we know has signed it
   */
  receive(payload: Buffer, signature: string | undefined): Promise<Received>;
  close(): Promise<void>;
}

export function openInbox(_deps: BillingDeps, _handlers: readonly Handler[]): Inbox {
  return { receive: async () => 'received', close: async () => {} };
}
