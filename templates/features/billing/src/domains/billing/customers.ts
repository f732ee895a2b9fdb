import type { Transaction } from '#app/database/transaction.ts';
import type { BillingDeps } from './service.ts';
import type { HandlerContext } from './webhooks/handler.ts';

/**
 * Finds whose customer this is and locks all of that account's billing until the transaction ends.
 *
 * @returns the account; nothing where the customer is none of ours
 */
export async function lockCustomer(
  _context: HandlerContext,
  _stripeCustomerId: string,
): Promise<string | undefined> {
  return undefined;
}

/** The address to which an account's mails about billing go. */
export async function contactOf(_tx: Transaction, _accountId: string): Promise<string> {
  return '';
}

/** Resolves to the account's customer at Stripe, which is made where there is none. */
export async function ensureCustomer(_deps: BillingDeps, _accountId: string): Promise<string> {
  return '';
}
