import type { Transaction } from '#app/database/transaction.ts';
import { requestContext } from '#app/http/request-context.ts';

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
 * Notes an act for the audit log. All that a transaction notes is written just before it is
 * committed: there is no act without its entry, and no entry of an act that was undone.
 */
export function recordAct(tx: Transaction, act: Act): void {
  const context = requestContext.getStore();
  tx.record({
    // What is no Unicode text would come out of the database as another text.
    actor: act.actor.toWellFormed(),
    operator: context?.operator?.toWellFormed() ?? null,
    action: act.action,
    subject: act.subject?.toWellFormed() ?? null,
    detail: act.detail === undefined ? null : JSON.stringify(act.detail),
    requestId: context?.requestId ?? null,
  });
}
