import type { Transaction } from '#app/database/transaction.ts';
import { requestContext } from '#app/http/request-context.ts';
import { auditLog } from './models.ts';

export interface Act {
  /**
   * Who: `user:<id>`, `operator:<name on the machine>`, `system`, or `anonymous`. At most 100
   * characters.
   */
  readonly actor: string;
  /** What, in the past tense, such as `user.password_changed`. */
  readonly action: string;
  /** To whom or what, such as `user:<id>`. At most 150 characters. */
  readonly subject?: string;
  /** What else a reader has to know. Never a secret, nor anything made from one. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/**
 * Writes an act into the audit log, in the act's own transaction: there is no act without its
 * entry, and no entry of an act that was undone. Call it last, before the commit.
 */
export async function recordAct(tx: Transaction, act: Act): Promise<void> {
  await tx.insert(auditLog).values({ ...act, requestId: requestContext.getStore()?.requestId });
}
